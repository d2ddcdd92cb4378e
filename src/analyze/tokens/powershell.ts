import { decodedBase64, type TokenLanguage } from './scan.js';

/** PowerShell at token level. */
export const POWERSHELL: TokenLanguage = {
  language: 'powershell',
  comment: /<#[\s\S]*?#>|(?<=^|\n)[ \t]*#[^\n]*/g,
  sources: [
    {
      source: 'env.all',
      pattern:
        /(?:gci|dir|ls|Get-ChildItem|Get-Item)\s+(?:-Path\s+)?env:|\[(?:System\.)?Environment\]::GetEnvironmentVariables/i,
    },
    { source: 'secret.env', pattern: /\$env:\w*(?:TOKEN|SECRET|PASS|API_?KEY|ACCESS_?KEY|AUTH)\w*/i },
    {
      source: 'identity.host',
      pattern:
        /\$env:(?:COMPUTERNAME|USERNAME|USERDOMAIN)|\bhostname\b|whoami|Get-ComputerInfo|systeminfo|Get-(?:CimInstance|WmiObject)\b(?!\s+(?:-Class(?:Name)?\s+)?["']?Win32_(?:Processor|OperatingSystem)["']?\s*\)\.(?:(?:OS)?Architecture|AddressWidth|Caption|Version|BuildNumber)\b)|ipconfig/i,
    },
    {
      source: 'net.response',
      pattern:
        /XMLHTTP|WinHttpRequest|responseText|GetStringAsync|GetByteArrayAsync|DownloadString|DownloadData|DownloadFile|Invoke-WebRequest|Invoke-RestMethod|\b(?:iwr|irm)\b|Start-BitsTransfer|GetStream\(\)|Net\.Sockets/i,
    },
    { source: 'secret.clipboard', pattern: /Get-Clipboard|\[(?:System\.)?Windows\.Forms\.Clipboard\]::GetText/i },
    { source: 'input.media', pattern: /CopyFromScreen/i },
    {
      source: 'secret.tool',
      pattern: /CredentialManager|vaultcmd|cmdkey|ProtectedData\]::Unprotect|Get-StoredCredential/i,
    },
    { source: 'secret.file', pattern: /\.(?:npmrc|ssh|aws|git-credentials|azure)\b/i },
    { source: 'secret.browser', pattern: /Login Data|User Data\\|Local Extension Settings/i },
  ],
  sinks: [
    {
      sink: 'net.out',
      api: 'powershell.request',
      pattern:
        /Invoke-WebRequest|Invoke-RestMethod|\b(?:iwr|irm)\b|DownloadString\s*\(|DownloadFile\s*\(|DownloadData\s*\(|UploadString\s*\(|UploadFile\s*\(|UploadData\s*\(|Start-BitsTransfer|Send-MailMessage|\$\w+\.[Oo]pen\s*\(\s*["'](?:GET|POST|PUT)["']\s*,|(?:Get|Post|Put|Send)(?:String|ByteArray|Stream)?Async\s*\(|System\.Net\.Http\.HttpClient|Net\.HttpWebRequest/i,
    },
    {
      sink: 'net.socket',
      api: 'powershell.socket',
      pattern: /(?:System\.)?Net\.Sockets\.(?:TcpClient|UdpClient|Socket)\s*\(?/i,
    },
    {
      sink: 'net.handler',
      api: 'powershell.socket-shell',
      pattern: /Net\.Sockets\.TCPClient[\s\S]{0,1500}(?:iex|Invoke-Expression|cmd(?:\.exe)?|powershell)/i,
    },
    // What the machine is called in full, it may ask.
    {
      sink: 'dns.query',
      api: 'powershell.resolve',
      pattern:
        /Resolve-DnsName|\[(?:System\.)?Net\.Dns\]::(?!GetHostName\b|GetHost(?:Entry|ByName|Addresses)\(\s*(?:\$env:computername|\(?hostname\)?|["']?localhost["']?|\[(?:System\.)?Net\.Dns\]::GetHostName\(\))?\s*\))/i,
    },
    {
      sink: 'code.eval',
      api: 'powershell.iex',
      pattern:
        /\biex\b|Invoke-Expression|\[ScriptBlock\]::Create|Invoke-Command|\[(?:System\.)?Reflection\.Assembly\]::Load|Add-Type\s[^|;\n]{0,80}-(?:Literal)?Path\b|VirtualAlloc|CreateRemoteThread|WriteProcessMemory|RtlMoveMemory|QueueUserAPC|GetAsyncKeyState|SetWindowsHookEx|MiniDumpWriteDump/i,
    },
    {
      sink: 'process.spawn',
      api: 'powershell.start',
      pattern:
        /Start-Process(?:\s+-FilePath)?|Start-Job|\bsaps\b|\[(?:System\.)?Diagnostics\.Process\]::Start\s*\(|&\s*(?=["'$])|rundll32|regsvr32/i,
    },
    {
      sink: 'fs.write',
      api: 'powershell.write',
      pattern:
        /Set-Content|Add-Content|Out-File|-OutFile|\$PROFILE\b|WriteAll(?:Bytes|Text)\s*\(|Copy-Item|New-Item|Set-ItemProperty|New-ItemProperty|reg(?:\.exe)?\s+add|Register-ScheduledTask|schtasks|New-Service/i,
    },
    {
      sink: 'fs.delete',
      api: 'powershell.delete',
      pattern: /Remove-Item|\bri\b -r|Clear-Disk|Format-Volume|vssadmin\s+delete/i,
    },
    {
      sink: 'console.out',
      api: 'powershell.print',
      pattern: /\bWrite-(?:Output|Host)\b|\[Console\]::(?:Out\.)?Write/i,
    },
    {
      sink: 'process.spawn',
      api: 'powershell.command',
      pattern:
        /(?:^|[\n;|&{(]|=\s)\s{0,40}&?\s{0,9}["']?((?:[A-Za-z]:[^\n"';|]{0,200}\\)?(?:net1?|netsh|sc|reg|schtasks|wmic|vssadmin|wbadmin|bcdedit|wevtutil|rundll32|regsvr32|mshta|msiexec|certutil|bitsadmin|curl|wget|cmd|taskkill|InstallUtil|MSBuild|RegAsm|cmstp|esentutl|forfiles|fodhelper|node|npm|npx|python3?|git|ssh|scp|nslookup)(?:\.exe)?["']?\s[^\n;|]{3,600})/,
      runs: 'batch',
      inner: true,
    },
    {
      sink: 'process.spawn',
      api: 'powershell.cmdlet',
      pattern:
        /((?:Set-MpPreference|Add-MpPreference|Stop-Service|Set-Service|New-Service|Disable-\w+|Invoke-WmiMethod|Set-WmiInstance|Invoke-CimMethod|Register-\w+Event|Register-ScheduledTask|New-ScheduledTask\w*|Set-ItemProperty|New-ItemProperty|New-LocalUser|Add-LocalGroupMember|Clear-EventLog|Uninstall-WindowsFeature|Import-Certificate|Stop-Process|Copy-Item|Remove-Item)\b[^\n;|]{3,600})/i,
      inner: true,
    },
    {
      sink: 'process.spawn',
      api: 'powershell.reflection',
      pattern: /((?:AmsiUtils|amsiInitFailed|AmsiScanBuffer|EtwEventWrite|MiniDumpWriteDump)[^\n]{0,200})/i,
      inner: true,
    },
    { sink: 'clipboard.write', api: 'powershell.set-clipboard', pattern: /Set-Clipboard\s/i },
    { sink: 'process.kill', api: 'powershell.stop', pattern: /Stop-Process|Stop-Computer|Restart-Computer|taskkill/i },
  ],
  fold: (text) => {
    const joined = text
      .replace(/`(?=[a-z])/gi, '')
      .replace(/(["'])((?:(?!\1)[^\n])*)\1\s*\+\s*(["'])/g, (_all, open: string, body: string, close: string) =>
        open === close ? `${open}${body}` : `${open}${body}${open}+${close}`,
      )
      .replace(
        /\[char\]\s*(?:0x[0-9a-f]+|\d+)(?:\s*\+\s*\[char\]\s*(?:0x[0-9a-f]+|\d+)){2,}/gi,
        (run) =>
          `"${[...run.matchAll(/\[char\]\s*(0x[0-9a-f]+|\d+)/gi)].map((match) => String.fromCharCode(Number(match[1]))).join('')}"`,
      );
    const format = joined.replace(
      /\(?"((?:\{\d+\})+)"\s*-f\s*('[^']*'(?:\s*,\s*'[^']*')*)\)?/gi,
      (_all, order: string, list: string) => {
        const parts = [...list.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '');
        return [...order.matchAll(/\{(\d+)\}/g)].map((match) => parts[Number(match[1])] ?? '').join('');
      },
    );
    return { text: format, decoded: [...decodedBase64(format, 'utf8'), ...decodedBase64(format, 'utf16le')] };
  },
};
