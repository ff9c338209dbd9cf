namespace FhirEmr.BillingBridge.Channels;

/// <summary>A clearinghouse's SFTP mailbox. Secrets are given as files or from the environment, never in a command line.</summary>
public sealed class SftpSettings
{
    public string Host { get; set; } = "";

    public int Port { get; set; } = 22;

    public string User { get; set; } = "";

    /// <summary>The server's host key: <c>SHA256:</c> and 43 characters, as <c>ssh-keygen -lf</c> prints it. Another key is not talked to.</summary>
    public string HostKey { get; set; } = "";

    /// <summary>File with our private key (OpenSSH or PEM); this or a password.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>File with the key's passphrase; empty when it has none.</summary>
    public string PassphraseFile { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>File with the password.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>Remote folder for our files.</summary>
    public string Outbound { get; set; } = "outbound";

    /// <summary>Remote folder of files for us.</summary>
    public string Inbound { get; set; } = "inbound";

    /// <summary>Remote folder where files go when they are done with. Empty where moving is not allowed: then names are remembered here.</summary>
    public string Archive { get; set; } = "";

    /// <summary>What is wrong, in sentences with the setting's name.</summary>
    public IEnumerable<string> Faults()
    {
        if (Host.Length == 0 || Uri.CheckHostName(Host) is UriHostNameType.Unknown)
            yield return $"Billing:Channel:Sftp:Host is '{Host}': give the name of the clearinghouse's SFTP server.";
        if (Port is < 1 or > 65535)
            yield return $"Billing:Channel:Sftp:Port is {Port}: a port is a number from 1 to 65535.";
        if (User.Length == 0)
            yield return "Billing:Channel:Sftp:User is not set.";
        if (!HostKey.StartsWith("SHA256:", StringComparison.Ordinal) || HostKey.TrimEnd('=').Length != 50)
            yield return "Billing:Channel:Sftp:HostKey is not the fingerprint of a host key: ask the clearinghouse for it, or compare with theirs what ssh-keyscan HOST | ssh-keygen -lf - prints (SHA256:...).";
        if (KeyFile.Length == 0 && Password.Length == 0 && PasswordFile.Length == 0)
            yield return "Billing:Channel:Sftp has no way to sign in: set KeyFile or PasswordFile.";
        foreach (var (name, file) in ((string, string)[])[("KeyFile", KeyFile), ("PassphraseFile", PassphraseFile), ("PasswordFile", PasswordFile)])
        {
            if (file.Length > 0 && !File.Exists(file))
                yield return $"Billing:Channel:Sftp:{name} is '{file}', and no such file is there.";
        }

        if (Outbound.Length == 0 || Inbound.Length == 0)
            yield return "Billing:Channel:Sftp:Outbound and Inbound name the remote folders; use . for the one after sign-in.";
    }
}
