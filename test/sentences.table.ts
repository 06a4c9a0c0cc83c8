// Sentences as businesses and friends send them, of our own, from which test/find-link-figures.test.ts makes texts. Without
// the full stops, so that none of them can hold a link.

export interface Language {
  name: string;
  /** A number of a country where it is spoken. */
  recipient: string;
  /** The endings of names that businesses there put bare into messages, beside com, net and org. */
  endings: string[];
  sentences: string[];
}

const language = (name: string, recipient: string, endings: string, text: string): Language => ({
  name,
  recipient,
  endings: endings.split(" "),
  sentences: text.trim().split(/\s*\n\s*/),
});

/** Those that were looked at while the rules were made. */
export const KNOWN: Language[] = [
  language(
    "English",
    "+12025550123",
    "com",
    `
    Your order is ready
    It will be at the counter until 6pm
    Is this still a good time for you
    So sorry we missed you today
    In case of questions call the branch
    At 9 tomorrow please bring your ID
    To cancel reply STOP
    Be there ten minutes early
    My driver will call you
    No reply is needed
    Do not share it with anyone
    We are closed on Monday
    You have one new voicemail
    How was your visit
    Call us to book again
    Now with free delivery
    Today only in all stores
    As agreed the technician comes at noon
    Me and the team wish you a happy birthday
    Info at the front desk
    Shop early and save
    Please confirm by Friday`,
  ),
  language(
    "English, India",
    "+919876543210",
    "in co.in com gov.in",
    `
    Dear customer your recharge is successful
    Avl bal is low
    In A/c XX123 an amount was credited
    Rs 500 debited from your account
    Pls maintain sufficient balance
    Do not share OTP with any one
    Kindly ignore if already paid
    Cr limit is revised
    Ph your relationship manager
    No hidden charges
    Any query call toll free
    Ur bill is generated
    Id proof is a must
    Data pack expires today
    T&C apply
    It is safe and secure`,
  ),
  language(
    "English, chat",
    "+6591234567",
    "com.sg sg com",
    `
    ok lor see u later
    wat time u reach home
    so late already
    lol u so funny
    haha ya we go tmr
    u free or not
    dun wan la
    i going to sch now
    can meet at mrt
    k thanks
    r u coming
    no need la
    my mum not at home
    then how
    u eat liao
    in lect now
    call me when u reach
    is it raining there
    at home sleeping`,
  ),
  language(
    "German",
    "+491701234567",
    "de",
    `
    Ihr Termin ist bestätigt
    Am Montag um 9 Uhr erwarten wir Sie
    In der Filiale liegt Ihr Paket
    So einfach geht es
    Es ist noch ein Platz frei
    Da wir umbauen ist die Kasse geschlossen
    Im Laden gibt es zehn Prozent
    Bitte bringen Sie Ihren Ausweis mit
    Ab morgen gelten neue Preise
    Zu Ihrer Bestellung haben wir eine Frage
    Er kommt zwischen acht und zwölf
    Sie können die Ware abholen
    Der Betrag wurde abgebucht
    Um abzusagen antworten Sie mit STOP
    An der Kasse vorzeigen`,
  ),
  language(
    "French",
    "+33612345678",
    "fr",
    `
    Votre colis est arrivé
    La livraison est prévue demain
    Le livreur passera ce matin
    En cas d'absence appelez le magasin
    Si vous avez une question répondez
    Il reste une place
    De nouvelles offres vous attendent
    Au magasin dès lundi
    Et deux articles offerts
    Ce message est automatique
    À bientôt dans votre boutique
    Un conseiller vous rappelle
    Ne partagez jamais ce code
    Les soldes commencent
    Ma commande est prête`,
  ),
  language(
    "Spanish",
    "+34612345678",
    "es com.mx mx cl com.ar com.co",
    `
    Su pedido ya está listo
    Es hora de recogerlo
    La tienda abre a las nueve
    No lo comparta con nadie
    Si no lo reconoce llame al banco
    En su sucursal más cercana
    El repartidor va en camino
    Se cobrará el lunes
    De lunes a viernes
    Me confirma su asistencia
    Al llegar muestre este mensaje
    Te esperamos mañana
    Con su tarjeta tiene descuento
    Ya puede pasar por caja
    Su código vence en cinco minutos`,
  ),
  language(
    "Italian",
    "+393331234567",
    "it",
    `
    Il tuo ordine è pronto
    Ci vediamo domani
    La consegna è prevista lunedì
    Se non sei in casa chiamaci
    Si prega di confermare
    In negozio fino alle otto
    Al banco mostra questo messaggio
    No grazie rispondi STOP
    Ma solo fino a sabato
    È arrivato un pacco
    Da oggi nuovi sconti
    Non condividere il codice
    Le offerte finiscono domenica
    Sa che può pagare a rate
    Per info chiama il negozio`,
  ),
  language(
    "Portuguese",
    "+5511987654321",
    "com.br",
    `
    Seu pedido chegou
    Na loja até as dezoito horas
    No caso de dúvida ligue
    Em breve o entregador chega
    Se já pagou desconsidere
    De segunda a sexta
    Do seu jeito e sem juros
    Ao chegar mostre este código
    Eu confirmo a consulta
    É hoje o último dia
    Com o cartão da loja tem desconto
    Os ingressos estão à venda
    A fatura vence amanhã
    Não responda esta mensagem
    Me avise quando chegar`,
  ),
  language(
    "Turkish",
    "+905321234567",
    "com.tr com.tr com.tr gov.tr",
    `
    Faturanız ödendi
    Ve kargonuz yola çıktı
    Biz sizi arayacağız
    Bu kod kimseyle paylaşılmaz
    De ki bugün son gün
    Tel ile bilgi alabilirsiniz
    Son gün pazar
    Size özel yüzde elli indirim
    Az kaldı kaçırmayın
    İstanbul şubemizde bekliyoruz
    İyi günler dileriz
    Net tutar hesabınıza geçti
    Ne zaman gelirseniz
    Randevunuz onaylandı
    Ya şimdi ya hiç`,
  ),
  language(
    "Indonesian",
    "+628123456789",
    "co.id id com",
    `
    Selamat nomor anda menang
    Info lebih lanjut di kantor
    Di toko kami ada diskon
    Id pelanggan anda sudah aktif
    PT kami mengucapkan terima kasih
    No rekening sudah benar
    Sisa pulsa anda cukup
    Ke kantor bawa KTP
    Hub kami segera
    Jangan berikan kode ini
    Paket internet anda aktif
    Nikmati promo akhir tahun
    Tagihan jatuh tempo besok
    Mau hadiah balas YA
    Bl depan ada acara`,
  ),
  language(
    "Hindi in Latin letters",
    "+919812345678",
    "in co.in com",
    `
    Aapka number block ho jayega
    Is liye turant call karein
    Ab recharge karna aasan hai
    Ke liye dhanyavaad
    Me aapko batana chahta hoon
    Se pehle bhugtan karein
    To der na karein
    Na kisi ko OTP batayein
    Ka offer aaj tak
    Ye sandesh bank se hai
    Hai na kamaal ki baat
    Jo chahe wo paayein
    Mera khata band ho gaya
    So jao ab
    Abhi update karein`,
  ),
  language(
    "Vietnamese",
    "+84912345678",
    "vn com.vn",
    `
    Đơn hàng của bạn đã sẵn sàng
    Mã này hết hạn sau năm phút
    Là khách hàng thân thiết
    Có quà tặng cho bạn
    Cảm ơn quý khách
    Vui lòng không chia sẻ
    Số dư tài khoản đã thay đổi
    Từ ngày mai áp dụng giá mới
    Bạn có một tin nhắn
    Đi chợ hôm nay
    Ai cũng có phần
    Ở cửa hàng gần nhất
    Cho đến hết tháng
    Và miễn phí giao hàng
    Nếu cần xin gọi tổng đài`,
  ),
  language(
    "Russian",
    "+79161234567",
    "ru",
    `
    Ваш заказ готов
    Ждем вас сегодня
    Москва и область
    Онлайн касса работает
    Сайт временно недоступен
    Дети до пяти лет бесплатно
    Рус и англ меню
    Код никому не говорите
    Карта заблокирована
    Для отмены ответьте СТОП
    На сумму начислены бонусы
    По вопросам звоните
    Мы открылись
    Доставка завтра
    Орг взнос внесен`,
  ),
  language(
    "Arabic",
    "+966501234567",
    "com.sa sa",
    `
    تم الدفع
    موقع الفرع في الرياض
    عزيزي العميل
    لا تشارك الرمز مع أحد
    مصر والسودان
    شكرا لك
    طلبك جاهز للاستلام
    قطر ترحب بكم
    بازار العيد بدأ
    عرب تايم`,
  ),
  language(
    "Chinese",
    "+8613812345678",
    "cn com.cn",
    `
    您的快递已到
    公司将于明日发货
    请勿泄露验证码
    中国移动提醒您
    网站维护中
    移动客户请注意
    娱乐节目今晚开始
    退订请回复
    新闻早知道
    您的余额不足`,
  ),
  language(
    "English, second half",
    "+447700900123",
    "co.uk co.uk uk",
    `
    Thanks for choosing us
    If you cannot come let us know
    Any time after four is fine
    On arrival please wait outside
    By Friday we need your answer
    For help text HELP
    All good things come to an end
    And do bring a friend
    Or ring the surgery
    It looks like rain again
    In the meantime stay safe
    Is that ok with everybody
    Us three will be late
    Am running ten minutes behind
    Are you still coming tonight
    Love from all of us
    Best wishes from the team
    Live music starts at eight
    Click and collect is open
    One more day to go
    New stock has arrived
    Free coffee with every cake
    Just tap your card
    Pay at the till
    Menu changes every week`,
  ),
  language(
    "Dutch",
    "+31612345678",
    "nl",
    `
    Uw pakket is onderweg
    De bezorger komt vanmiddag
    Het is bijna zover
    In de winkel ligt uw bestelling
    Is dit niet goed bel ons dan
    Er is een plek vrijgekomen
    Nu met tien procent korting
    Om af te zeggen antwoord STOP
    Tot morgen in de praktijk
    Op vertoon van dit bericht
    Je afspraak staat vast
    Net geprobeerd u te bellen
    Als het kan wat eerder
    Al besteld dan hoeft u niets te doen
    Zo kom je nooit te laat`,
  ),
  language(
    "Polish",
    "+48501234567",
    "pl",
    `
    Twoja paczka czeka
    Na odbiór masz dwa dni
    Do zobaczenia jutro
    To ostatni dzień promocji
    Za wcześnie na rachunek
    Nie podawaj nikomu kodu
    Co nowego w sklepie
    Po odbiór zapraszamy do punktu
    Od jutra nowe ceny
    W razie pytań prosimy o telefon
    Bo warto oszczędzać
    My czekamy na ciebie
    Są nowe wyniki badań
    Ma pani wizytę w środę
    Ci którzy zapłacili mogą odebrać`,
  ),
  language(
    "Swedish",
    "+46701234567",
    "se",
    `
    Ditt paket har kommit
    Se öppettider i butiken
    Om du inte kan komma ring oss
    På måndag har vi stängt
    Nu är din bil klar
    Vi ses i morgon
    Så enkelt är det
    Det är dags att boka tid
    Du har en ny faktura
    Av säkerhetsskäl delas koden aldrig
    Ta med legitimation
    Är du ledig på fredag
    En vän har tipsat om dig
    Ni får tio procent`,
  ),
  language(
    "Danish and Norwegian",
    "+4791234567",
    "no",
    `
    Din pakke er klar
    Er du hjemme i dag
    No er det snart jul
    Vi ser frem til besøget
    Da er timen bekreftet
    Så sees vi i morgen
    Ta med legitimasjon
    Til lags før helgen
    Om du ikke kan komme ring oss
    Vil du avbestille svar STOP
    Ny time på mandag
    Her er koden din`,
  ),
  language(
    "Romanian",
    "+40712345678",
    "ro",
    `
    Comanda ta este gata
    La magazin până la ora opt
    Nu da codul nimănui
    Ai un mesaj nou
    Cu drag te așteptăm
    De luni până vineri
    Pe curând
    Sa ne suni dacă nu poți veni
    Ce mai faci
    Te rugăm să confirmi
    In caz de absență sună
    Fi atent la termen
    Se aplică reduceri
    Am încercat să livrăm`,
  ),
  language(
    "Filipino",
    "+639171234567",
    "com.ph ph",
    `
    Na-credit na ang load mo
    Sa app makikita ang resibo
    Ng walang dagdag bayad
    Ang order mo ay parating na
    Ikaw ay nanalo
    Ito ang code mo
    Ay naku huwag ibigay kahit kanino
    At may libreng data pa
    Di ka na babayaran
    Kung may tanong tumawag
    Mo na ito ngayon
    Para sa iyo
    Si Ana ay naghihintay
    Tapos na ang promo`,
  ),
  language(
    "Swahili",
    "+254712345678",
    "co.ke",
    `
    Malipo yamepokelewa
    Na salio lako linatosha
    Ya leo ni bure
    Wa kwanza hupata zawadi
    Ni siku ya mwisho
    Kwa maelezo piga simu
    La sivyo akaunti itafungwa
    Sasa unaweza kulipa
    Za leo rafiki
    Asante kwa kununua
    Usimpe mtu namba yako
    Karibu tena
    Tuma neno STOP
    Cha mwisho ni kesho`,
  ),
  language(
    "Malay",
    "+60123456789",
    "com.my",
    `
    Bayaran diterima
    No rujukan sudah dihantar
    Di kaunter sila tunjuk mesej ini
    Ke cawangan berdekatan
    My rewards anda sudah bertambah
    Ini mesej automatik
    Sila hubungi kami
    Ada tawaran baru
    Id anda aktif
    So jangan lepaskan peluang
    Tak perlu balas
    Jom beli sekarang
    Baki anda mencukupi
    La ni dah boleh guna`,
  ),
  language(
    "Hungarian",
    "+36201234567",
    "hu",
    `
    A csomagja megérkezett
    Az üzletben átveheti
    Is jöhet a barátjával
    És ne felejtse el az igazolványt
    Ha nem tud jönni szóljon
    De csak holnapig
    Ma tíz óráig vagyunk nyitva
    Be kell mutatni ezt az üzenetet
    El ne felejtse
    Ez egy automatikus üzenet
    Ki nem küldött kódot ne adjon meg
    Már várjuk
    Te is nyerhetsz`,
  ),
  language(
    "Czech",
    "+420601234567",
    "cz",
    `
    Vaše zásilka je připravena
    Na pobočce do pátku
    Do zítra prosíme o potvrzení
    Je to poslední den
    Se slevou dvacet procent
    To je vše
    Co nejdříve se ozveme
    Za hodinu jsme u vás
    Si můžete vyzvednout kdykoli
    My se těšíme
    Od pondělí máme zavřeno
    Kód nikomu nesdělujte
    Ve vaší prodejně
    Az přijdete ukažte zprávu`,
  ),
  language(
    "Ukrainian",
    "+380501234567",
    "ua com.ua",
    `
    Ваше замовлення готове
    Чекаємо на вас
    Сайт оновлено
    Укр меню доступне
    Москва не надсилає повідомлень
    На картку зараховано кошти
    Нікому не кажіть код
    Для відмови надішліть СТОП
    Дякуємо за покупку
    До зустрічі`,
  ),
  language(
    "Finnish",
    "+358401234567",
    "fi",
    `
    Pakettisi on saapunut
    Se odottaa noudossa
    Me soitamme huomenna
    No niin nyt on ale
    Ei tarvitse vastata
    Uusi tarjous on voimassa
    Älä jaa koodia
    Tai soita meille
    Jos et pääse peru aika
    Ma ja ti olemme kiinni
    Kiitos tilauksesta
    On aika huoltaa auto`,
  ),
  language(
    "Hausa and Pidgin",
    "+2348031234567",
    "com.ng ng",
    `
    Na gode sosai
    Za mu kira ka gobe
    Ba a bukatar amsa
    Ka saya yanzu
    Da fatan alheri
    You don win
    No dey share your PIN
    Na today e go end
    Make you recharge
    So no dulling
    Abeg call us
    My people una welcome
    Ga sabon farashi`,
  ),
  language(
    "Portuguese, Portugal",
    "+351912345678",
    "pt",
    `
    A sua encomenda já saiu
    Com o cupão poupa cinco euros
    Pode levantar na nossa loja
    Com portes grátis até domingo
    O pagamento foi recebido
    Obrigado pela preferência
    Com a aplicação é mais rápido
    Traga o cartão de cidadão
    A consulta ficou marcada
    Esta mensagem é automática
    Com certeza vai gostar
    Ligue se não puder vir`,
  ),
  language(
    "Turkish, a bank",
    "+905421234567",
    "com.tr com.tr com.tr",
    `
    Sayın müşterimiz ekstreniz hazır
    Net maaşınız hesabınıza yattı
    Son ödeme tarihi yarın
    Şifrenizi kimseye vermeyin
    Net kazancınız bin lira oldu
    Kartınızla peşin fiyatına taksit
    Teşekkür ederiz
    Randevu saatiniz değişti
    Kargo bugün teslim edilecek
    Az önce para geldi
    Bilgi için şubeyi arayın`,
  ),
  language(
    "Dutch, Belgium",
    "+32471234567",
    "be",
    `
    Uw bestelling ligt klaar
    Net voor sluitingstijd nog korting
    Breng je identiteitskaart mee
    Net zoals vorig jaar geven we een feest
    De tandarts verwacht u morgen
    Deel deze code nooit
    Net gemist wij komen terug
    Bedankt voor uw aankoop
    Antwoord STOP als u niets meer wilt
    Be there or be square
    Tot gauw`,
  ),
  language(
    "Swedish, a dentist",
    "+46731234567",
    "se",
    `
    Hej du är kallad till undersökning
    Se till att borsta innan
    Din tid är bekräftad
    Se alla tider hos oss
    Avboka senast dagen före
    Se bifogad faktura
    Betalningen har gått igenom
    Lämna aldrig ut koden
    Se fram emot en fin vår
    Tack för ditt köp
    Välkommen åter`,
  ),
  language(
    "Norwegian, Nynorsk",
    "+4741234567",
    "no",
    `
    Hei du har time i morgon
    No kan du hente pakken
    Betalinga er motteken
    No startar salet
    Ikkje del koden med nokon
    No har vi ope til sju
    Takk for handelen
    Ring oss dersom du ikkje kan kome
    Vi gler oss til å sjå deg
    Møt opp ti minutt før
    No nærmar fristen seg`,
  ),
  language(
    "Spanish, Venezuela",
    "+584121234567",
    "com.ve com",
    `
    Tu recarga fue exitosa
    Ve a la taquilla más cercana
    Tu saldo vence hoy
    Ve preparando tu cédula
    No compartas la clave
    Hay punto de venta
    Ve con tiempo porque hay cola
    La cita es a las diez
    Pago móvil recibido
    Gracias por preferirnos`,
  ),
  language(
    "French, Morocco",
    "+212612345678",
    "ma co.ma",
    `
    Votre recharge est effectuée
    Ma carte est bloquée que faire
    Rendez-vous confirmé pour jeudi
    Ma livraison arrive quand
    Le solde est insuffisant
    Ne donnez jamais votre code
    Ma fille sera en retard
    Profitez de la double recharge
    Merci et à bientôt
    Passez en agence`,
  ),
];

/** Those that were written when the rules were done; nothing was changed for them. */
export const HELD_OUT: Language[] = [
  language(
    "English, a clinic and a shop",
    "+61412345678",
    "com.au com.au au",
    `
    Hi Sam this is a reminder from the clinic
    You are booked in for Tuesday at ten
    If this does not suit please ring us
    Your parcel is with the driver
    He will be with you between one and three
    Someone must be in to sign for it
    Our winter sale starts on Thursday
    Up to half price on coats and boots
    While stocks last
    A payment of 45 dollars was received
    As a member you get early access
    No booking needed on weekdays
    On the day bring a towel and a hat
    At this time all lines are busy
    Be quick because places are few
    Do you still want the blue one
    May we call you tomorrow
    Or pop in any time
    The key is in the lockbox
    We hope to see you soon
    Any change to your plan starts in May
    Last call for tickets
    Your verification code is on its way
    In the app you can track it
    Not you? Tell your bank at once`,
  ),
  language(
    "French, Belgium and Canada",
    "+32470123456",
    "be",
    `
    Bonjour votre rendez-vous est confirmé
    Merci de venir dix minutes avant
    Le paiement a bien été reçu
    Votre facture est disponible
    Pour annuler répondez STOP
    Vous pouvez retirer votre commande
    La promotion se termine dimanche
    Avec votre carte deux points de plus
    Notre équipe vous souhaite une bonne année
    Il nous reste trois tables
    Une pièce d'identité est demandée
    Ne répondez pas à ce numéro
    Dès demain les prix baissent
    C'est le moment de réserver
    On vous attend`,
  ),
  language(
    "Spanish, Latin America",
    "+573001234567",
    "com.co co",
    `
    Hola tu cita quedó agendada
    Recuerda llegar quince minutos antes
    Tu saldo es suficiente
    Hoy tienes doble cupo
    Paga antes del viernes
    Gracias por tu compra
    La oferta termina mañana
    Si tienes dudas escribe AYUDA
    No respondas este mensaje
    Tu paquete llega entre tres y cinco
    Por seguridad cambia tu clave
    El plan se renovó
    Un asesor te llamará
    Para cancelar responde NO
    Ven con tu familia
    Desde hoy más gigas`,
  ),
  language(
    "Catalan",
    "+34612345679",
    "cat",
    `
    La teva comanda està a punt
    Pots recollir-la avui
    Et recordem la cita de demà
    Si no pots venir avisa'ns
    El pagament s'ha rebut
    Gràcies per la compra
    Només fins diumenge
    Hi ha places lliures
    Amb el carnet tens descompte
    Aquest missatge és automàtic
    Us esperem a la botiga
    Porta el document d'identitat`,
  ),
  language(
    "Croatian",
    "+385911234567",
    "hr",
    `
    Vaša pošiljka je stigla
    Možete je preuzeti do petka
    Hvala na kupnji
    Račun je plaćen
    Za odjavu pošaljite STOP
    Kod ne dijelite ni s kim
    U trgovini vas čeka popust
    Termin je potvrđen
    Ako ne možete doći javite nam
    Danas radimo do podneva
    Na blagajni pokažite poruku
    Se vidimo sutra`,
  ),
  language(
    "Greek",
    "+306912345678",
    "gr",
    `
    Η παραγγελία σας είναι έτοιμη
    Το ραντεβού σας επιβεβαιώθηκε
    Μην απαντήσετε σε αυτό το μήνυμα
    Για ακύρωση στείλτε STOP
    Σας περιμένουμε στο κατάστημα
    Ο κωδικός λήγει σε πέντε λεπτά
    Ευχαριστούμε
    Προσφορά μόνο για σήμερα
    Η πληρωμή ολοκληρώθηκε
    Στο ταμείο δείξτε το μήνυμα`,
  ),
  language(
    "Lithuanian",
    "+37061234567",
    "lt",
    `
    Jūsų siunta atvyko
    Ją galite atsiimti iki penktadienio
    Ačiū kad perkate
    Kodo niekam nesakykite
    Vizitas patvirtintas
    Jei negalite atvykti praneškite
    Mokėjimas gautas
    Tik šiandien nuolaida
    Is anksto dėkojame
    Kavos puodelis dovanų
    Iki pasimatymo
    Ar viskas gerai`,
  ),
  language(
    "Estonian",
    "+37251234567",
    "ee",
    `
    Teie pakk on kohal
    Palun tooge see ära reedeks
    Aitäh ostu eest
    Ärge jagage koodi
    Aeg on kinnitatud
    Kui te ei saa tulla andke teada
    Arve on makstud
    Ainult täna soodsam
    Kohtumiseni
    See sõnum on automaatne
    Ma helistan homme
    Et tellida vastake JAH`,
  ),
  language(
    "Afrikaans",
    "+27821234567",
    "co.za",
    `
    Jou bestelling is gereed
    Dit kan by die winkel afgehaal word
    Is jy tuis vandag
    Ons bel jou môre
    As jy nie kan kom nie laat weet
    Baie dankie
    Om te kanselleer antwoord STOP
    In die winkel kry jy afslag
    Nou net tot Sondag
    Die betaling is ontvang
    Moenie die kode deel nie
    Wees betyds`,
  ),
  language(
    "Bengali in Latin letters",
    "+8801712345678",
    "com.bd",
    `
    Apnar order ready
    Kal sokale delivery hobe
    Kauke code deben na
    Apnar account e taka joma hoyeche
    Aaj sesh din
    Ekhoni recharge korun
    Amader shathe thakun
    Bill porishodh korun
    Ki khobor
    Na pele phone korun
    Sob dokane paben
    Dhonnobad`,
  ),
  language(
    "Javanese and Sundanese",
    "+6281345678901",
    "co.id com",
    `
    Paketmu wis tekan
    Mangga dijupuk sadurunge Jemuwah
    Matur nuwun sampun tumbas
    Kodene aja diwenehake wong liya
    Dina iki ana diskon
    Punten pesanan tos siap
    Hatur nuhun parantos balanja
    Ulah masihan kode ka sasaha
    Dinten ieu aya potongan
    La iki sing ditunggu
    Ayo mampir
    Info langkung jelas wonten toko`,
  ),
  language(
    "Azerbaijani",
    "+994501234567",
    "az",
    `
    Sifarişiniz hazırdır
    Kuryer sabah gələcək
    Kodu heç kimə deməyin
    Ödəniş qəbul edildi
    Bu gün son gündür
    Az qaldı tələsin
    Mağazada endirim var
    Görüşünüz təsdiqləndi
    Bizi seçdiyiniz üçün təşəkkür edirik
    Ləğv etmək üçün STOP yazın
    Hər şey qaydasındadır
    Və pulsuz çatdırılma`,
  ),
  language(
    "Japanese and English",
    "+819012345678",
    "jp co.jp",
    `
    ご予約を承りました
    本日中にお越しください
    Thank you for your order
    お荷物をお届けします
    暗証番号を人に教えないでください
    セール開催中
    Coupon is valid until Sunday
    明日は定休日です
    お問い合わせは店舗まで
    Please show this at the counter`,
  ),
  language(
    "Tamil in Latin letters",
    "+919444012345",
    "in co.in com",
    `
    Ungal order ready
    Naalai varum
    OTP yaridamum solla vendam
    Inaiku mattum offer
    Panam vandhachu
    Kadai thirandhu irukku
    Nandri
    Seekiram vaanga
    En peyar Kumar
    Neenga epo varinga
    Bill kattunga
    To pay visit branch`,
  ),
  language(
    "Portuguese, a pharmacy",
    "+244923456789",
    "com.br com",
    `
    Bom dia seu remédio já está separado
    Com receita médica passe no balcão
    O laboratório abre às sete
    Guarde este número para consultas
    Com este torpedo ganha um brinde
    A entrega sai depois do almoço
    Agradecemos a visita
    Sua senha mudou
    Com dor de cabeça fale connosco
    Vacinas disponíveis para idosos
    Responda SAIR se quiser parar`,
  ),
  language(
    "Turkish, a gym",
    "+905551234567",
    "com.tr com.tr com",
    `
    Merhaba üyeliğiniz yenilendi
    Net sonuçlar için programa uyun
    Derse on dakika kaldı
    Havlunuzu unutmayın
    Net fiyatlar duvarda asılı
    Salon pazartesi kapalı
    Hoca sizi bekliyor
    İptal etmek isterseniz bize yazın
    Yeni kurslar başladı
    Ay sonuna dek geçerli`,
  ),
  language(
    "Dutch, a library",
    "+31687654321",
    "nl",
    `
    Je boek is morgen te laat
    Net als altijd gratis voor kinderen
    Breng het terug aan de balie
    We zijn dicht op maandag
    Net binnen de nieuwe thriller
    Er staat een reservering klaar
    Betaal je boete in de app
    Lezing over vogels op donderdag
    Stuur STOP voor geen berichten`,
  ),
  language(
    "Swedish, a library",
    "+46761234567",
    "se",
    `
    Din bok finns att hämta
    Se våra nya filmer
    Lämna tillbaka den på torsdag
    Sagostund klockan tio
    Se hur du förlänger lånet
    Hälsningar biblioteket
    Avgiften är tjugo kronor
    Kortet går ut i maj
    Alla är välkomna`,
  ),
  language(
    "Norwegian, a workshop",
    "+4798765432",
    "no",
    `
    Bilen din er ferdig
    Nøkkelen ligger i luka
    No skiftar vi dekk
    Regningen kommer på e-post
    Husk å betale innen fredag
    Timen er flyttet til onsdag
    No må du velje time
    Velkommen tilbake
    Svar JA for å godta`,
  ),
];
