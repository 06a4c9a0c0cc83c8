// What recipients read, by language. Each is written for its readers, not translated word for word: short, friendly, and never as
// if the recipient had done something wrong. To add a language, add its texts: every page then speaks it.

/** The title and the sentence below it. */
type Words = readonly [title: string, text: string];

export interface PageTexts {
  /** For scripts that run from right to left. */
  dir?: "rtl";
  /** What this host is, also where a link was asked for without a tap. */
  about: Words;
  /** There is no such link. */
  unknown: Words;
  ended: Words;
  /** The page asks again by itself. */
  wait: Words;
  /** Of the link to the sender's own page of support. */
  support: string;
}

/** By language, or language and script, as `Intl.Locale` writes them. */
export const PAGE_TEXTS = {
  en: {
    about: [
      "Links from text messages open here",
      "Tap the link in your message, and it takes you straight to its page.",
    ],
    unknown: [
      "We couldn’t find this link",
      "Part of it may be missing. Please tap the link in your message again, or ask the sender for a new one.",
    ],
    ended: [
      "This link is no longer available",
      "It was only open for a limited time. If you still need it, just ask the sender for a new one.",
    ],
    wait: ["One moment, please", "We can’t open the link just yet. This page will try again by itself."],
    support: "Help and contact",
  },
  ja: {
    about: ["SMSで届いたリンクを開くページです", "メッセージ内のリンクをタップすると、目的のページが開きます。"],
    unknown: [
      "リンクが見つかりませんでした",
      "リンクの一部が欠けている可能性があります。メッセージ内のリンクをもう一度タップするか、送信元にお問い合わせください。",
    ],
    ended: [
      "このリンクは有効期限が切れています",
      "引き続き必要な場合は、お手数ですが送信元に新しいリンクをご依頼ください。",
    ],
    wait: [
      "少々お待ちください",
      "ただいまリンクを開くことができません。このままお待ちいただくと、自動的に再読み込みされます。",
    ],
    support: "ヘルプ・お問い合わせ",
  },
  es: {
    about: [
      "Aquí se abren los enlaces de los SMS",
      "Toca el enlace de tu mensaje y te llevará directamente a su página.",
    ],
    unknown: [
      "No encontramos este enlace",
      "Puede que falte una parte. Vuelve a tocar el enlace de tu mensaje o pídele uno nuevo a quien te lo envió.",
    ],
    ended: [
      "Este enlace ya no está disponible",
      "Solo era válido por un tiempo limitado. Si todavía lo necesitas, pídele uno nuevo a quien te lo envió.",
    ],
    wait: [
      "Un momento, por favor",
      "Todavía no podemos abrir el enlace. Esta página volverá a intentarlo automáticamente.",
    ],
    support: "Ayuda y contacto",
  },
  pt: {
    about: ["Aqui se abrem os links recebidos por SMS", "Toque no link da sua mensagem para ir direto à página."],
    unknown: [
      "Não encontramos este link",
      "Talvez falte uma parte dele. Toque novamente no link da mensagem ou peça um novo a quem o enviou.",
    ],
    ended: [
      "Este link não está mais disponível",
      "Ele era válido por tempo limitado. Se ainda precisar dele, peça um novo a quem o enviou.",
    ],
    wait: ["Só um momento, por favor", "Ainda não conseguimos abrir o link. Esta página tentará novamente sozinha."],
    support: "Ajuda e contato",
  },
  fr: {
    about: [
      "Les liens reçus par SMS s’ouvrent ici",
      "Appuyez sur le lien dans votre message : il vous mènera directement à la bonne page.",
    ],
    unknown: [
      "Ce lien est introuvable",
      "Il en manque peut-être une partie. Appuyez de nouveau sur le lien dans votre message, ou demandez-en un nouveau à l’expéditeur.",
    ],
    ended: [
      "Ce lien n’est plus disponible",
      "Il n’était valable que pour une durée limitée. Si vous en avez encore besoin, demandez-en un nouveau à l’expéditeur.",
    ],
    wait: [
      "Un instant, s’il vous plaît",
      "Le lien ne peut pas s’ouvrir pour le moment. Cette page réessaiera automatiquement.",
    ],
    support: "Aide et contact",
  },
  de: {
    about: [
      "Hier öffnen sich Links aus SMS",
      "Tippen Sie in Ihrer Nachricht auf den Link, und Sie landen direkt auf der richtigen Seite.",
    ],
    unknown: [
      "Diesen Link konnten wir nicht finden",
      "Vielleicht fehlt ein Stück davon. Tippen Sie in der Nachricht noch einmal auf den Link, oder bitten Sie den Absender um einen neuen.",
    ],
    ended: [
      "Dieser Link ist nicht mehr verfügbar",
      "Er war nur für begrenzte Zeit gültig. Wenn Sie ihn noch brauchen, bitten Sie den Absender einfach um einen neuen.",
    ],
    wait: [
      "Einen Moment bitte",
      "Der Link lässt sich gerade nicht öffnen. Diese Seite versucht es gleich von selbst noch einmal.",
    ],
    support: "Hilfe und Kontakt",
  },
  tr: {
    about: [
      "SMS ile gelen bağlantılar burada açılır",
      "Mesajınızdaki bağlantıya dokunun, sizi doğrudan ilgili sayfaya götürsün.",
    ],
    unknown: [
      "Bu bağlantıyı bulamadık",
      "Bir kısmı eksik olabilir. Mesajınızdaki bağlantıya tekrar dokunabilir veya gönderenden yenisini isteyebilirsiniz.",
    ],
    ended: [
      "Bu bağlantı artık kullanılamıyor",
      "Yalnızca sınırlı bir süre için geçerliydi. Hâlâ ihtiyacınız varsa gönderenden yenisini isteyebilirsiniz.",
    ],
    wait: ["Lütfen biraz bekleyin", "Bağlantı şu anda açılamıyor. Bu sayfa otomatik olarak tekrar deneyecek."],
    support: "Yardım ve iletişim",
  },
  ar: {
    dir: "rtl",
    about: [
      "هنا تُفتح الروابط المُرسَلة في الرسائل النصية",
      "اضغط على الرابط في رسالتك لتنتقل مباشرةً إلى الصفحة المطلوبة.",
    ],
    unknown: [
      "لم نعثر على هذا الرابط",
      "ربما ينقصه جزء. يُرجى الضغط مرة أخرى على الرابط في رسالتك، أو طلب رابط جديد من المُرسِل.",
    ],
    ended: [
      "لم يعد هذا الرابط متاحًا",
      "كان صالحًا لفترة محدودة. إذا كنت لا تزال بحاجة إليه، فيمكنك طلب رابط جديد من المُرسِل.",
    ],
    wait: ["لحظة من فضلك", "لا يمكن فتح الرابط الآن. ستعيد هذه الصفحة المحاولة تلقائيًا."],
    support: "المساعدة والتواصل",
  },
  hi: {
    about: ["SMS में मिले लिंक यहाँ खुलते हैं", "अपने मैसेज में दिए गए लिंक पर टैप करें और सीधे उसके पेज पर पहुँचें।"],
    unknown: [
      "यह लिंक नहीं मिला",
      "हो सकता है कि लिंक का कुछ हिस्सा छूट गया हो। कृपया मैसेज में दिए गए लिंक पर फिर से टैप करें या भेजने वाले से नया लिंक माँगें।",
    ],
    ended: [
      "यह लिंक अब उपलब्ध नहीं है",
      "यह सीमित समय के लिए ही था। अगर आपको अब भी इसकी ज़रूरत है, तो भेजने वाले से नया लिंक माँग सकते हैं।",
    ],
    wait: ["कृपया थोड़ा इंतज़ार करें", "लिंक अभी नहीं खुल पा रहा है। यह पेज अपने-आप फिर से कोशिश करेगा।"],
    support: "सहायता और संपर्क",
  },
  id: {
    about: ["Tautan dari SMS dibuka di sini", "Ketuk tautan di pesan Anda untuk langsung menuju halamannya."],
    unknown: [
      "Tautan ini tidak ditemukan",
      "Mungkin ada bagian yang hilang. Silakan ketuk lagi tautan di pesan Anda, atau minta tautan baru kepada pengirimnya.",
    ],
    ended: [
      "Tautan ini sudah tidak tersedia",
      "Tautan ini hanya berlaku untuk waktu terbatas. Jika Anda masih memerlukannya, silakan minta yang baru kepada pengirimnya.",
    ],
    wait: ["Mohon tunggu sebentar", "Tautan belum bisa dibuka. Halaman ini akan mencoba lagi secara otomatis."],
    support: "Bantuan dan kontak",
  },
  ru: {
    about: [
      "Здесь открываются ссылки из SMS",
      "Нажмите на ссылку в сообщении, и вы сразу попадёте на нужную страницу.",
    ],
    unknown: [
      "Не удалось найти эту ссылку",
      "Возможно, часть её потерялась. Нажмите на ссылку в сообщении ещё раз или попросите отправителя прислать новую.",
    ],
    ended: [
      "Эта ссылка больше не работает",
      "Она действовала ограниченное время. Если она вам ещё нужна, попросите отправителя прислать новую.",
    ],
    wait: ["Минутку, пожалуйста", "Сейчас ссылка не открывается. Страница сама попробует ещё раз."],
    support: "Помощь и контакты",
  },
  zh: {
    about: ["短信中的链接在这里打开", "点击短信中的链接，即可直接前往对应页面。"],
    unknown: ["未找到此链接", "链接可能不完整。请再次点击短信中的链接，或联系发送方获取新链接。"],
    ended: ["此链接已失效", "该链接仅在限定时间内有效。如仍有需要，请联系发送方获取新链接。"],
    wait: ["请稍候", "链接暂时无法打开，本页面会自动重试。"],
    support: "帮助与联系方式",
  },
  "zh-Hant": {
    about: ["簡訊中的連結在這裡開啟", "點一下簡訊中的連結，即可直接前往對應的頁面。"],
    unknown: ["找不到這個連結", "連結可能不完整。請再點一次簡訊中的連結，或向傳送者索取新的連結。"],
    ended: ["這個連結已失效", "連結僅在限定時間內有效。如仍有需要，請向傳送者索取新的連結。"],
    wait: ["請稍候", "連結暫時無法開啟，本頁面會自動重試。"],
    support: "協助與聯絡方式",
  },
} satisfies Record<string, PageTexts>;
