// Whose network a request came from, as the platform names it: a scanner may send a plain browser's agent, but it sends it
// from a data centre. Only this verdict is kept, never the network's name.

// The largest networks of hosting, by the addresses that they publish, largest first: lower case, as a part of the name that
// `request.cf.asOrganization` has. Behind each is where its addresses are published: its own list, or the networks (AS) whose
// announced prefixes RIPEstat shows (https://stat.ripe.net/AS…).
//
// A network of people is none of these, so names are as long as it takes: "google fiber" and "amazonas telecom" are carriers.
// What people browse through is none either: iCloud Private Relay, which is a name of its own here, and what relays it and
// others' traffic (Akamai Technologies, Cloudflare, Fastly).
const HOSTING: readonly [name: string, published: string][] = [
  ["amazon.com", "https://ip-ranges.amazonaws.com/ip-ranges.json"],
  ["amazon technologies", "https://ip-ranges.amazonaws.com/ip-ranges.json"],
  ["amazon data services", "https://ip-ranges.amazonaws.com/ip-ranges.json"],
  ["microsoft", "https://www.microsoft.com/en-us/download/details.aspx?id=56519"],
  ["google llc", "https://www.gstatic.com/ipranges/cloud.json"],
  ["google cloud", "https://www.gstatic.com/ipranges/cloud.json"],
  ["alibaba", "AS37963, AS45102"],
  ["tencent", "AS45090, AS132203"],
  ["oracle corporation", "https://docs.oracle.com/iaas/tools/public_ip_ranges.json"],
  ["ovh", "AS16276"],
  ["digitalocean", "https://digitalocean.com/geo/google.csv"],
  ["hetzner online", "AS24940, AS213230"],
  ["softlayer", "AS36351"],
  ["ibm cloud", "AS36351"],
  ["huawei cloud", "AS136907, AS55990"],
  ["linode", "https://geoip.linode.com/"],
  ["akamai connected cloud", "https://geoip.linode.com/"],
  ["the constant company", "https://geofeed.constant.com/"],
  ["vultr", "https://geofeed.constant.com/"],
  ["godaddy.com", "AS26496"],
  ["rackspace", "AS19994, AS27357, AS33070"],
  ["ionos", "AS8560"],
  ["leaseweb", "AS60781, AS28753, AS30633"],
  ["scaleway", "AS12876"],
  ["contabo", "AS51167"],
  ["unified layer", "AS46606"],
  ["m247", "AS9009"],
  ["datacamp limited", "AS60068, AS212238"],
  ["quadranet", "AS8100"],
  ["sakura internet", "AS9370, AS9371, AS7684"],
  ["colocrossing", "AS36352"],
  ["ucloud", "AS135377"],
  ["hostinger", "AS47583"],
  ["aruba s.p.a", "AS31034"],
  ["liquid web", "AS32244"],
  ["selectel", "AS49505"],
];

/** Whether a network, as `request.cf.asOrganization` names it, is a data centre's; false when the platform names none. */
export function isDataCentre(organization: string | null): boolean {
  const name = organization?.toLowerCase();
  return name !== undefined && HOSTING.some(([hosting]) => name.includes(hosting));
}

// From these versions on a browser says in `Sec-Fetch-Mode` how each of its requests came about. All browsers on iOS are the
// system's. See https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Mode.
const SAYS_FETCH_MODE: readonly [version: RegExp, since: number][] = [
  [/\b(?:iPhone|iPad|iPod)\b.* OS (\d+_\d+)/, 16.04],
  [/\bMacintosh\b.* Version\/(\d+\.\d+).* Safari\//, 16.04],
  [/\bChrome\/(\d+)/, 80],
  [/\bFirefox\/(\d+)/, 90],
];

/** Whether a request lacks what the browser that its agent names always sends. */
export function lacksFetchMode(agent: string, headers: Headers): boolean {
  if (headers.has("sec-fetch-mode")) return false;
  for (const [pattern, since] of SAYS_FETCH_MODE) {
    const version = pattern.exec(agent)?.[1];
    if (version !== undefined) return versionOf(version) >= since;
  }
  return false;
}

/** "16_4" and "16.4" are 16.04, before 16.10. */
function versionOf(text: string): number {
  const [major = 0, minor = 0] = text.split(/[_.]/).map(Number);
  return major + minor / 100;
}
