using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace FhirEmr.FhirServer.Hl7V2.Mllp;

/// <summary>Section <c>Hl7V2:Listeners:[n]</c>: one port on which messages are taken. There is none unless it is configured.</summary>
internal sealed class ListenerOptions
{
    public string Address { get; set; } = "127.0.0.1";

    public int Port { get; set; }

    /// <summary>Whose tables hold: a name below <c>Hl7V2:Senders</c>, or a new one.</summary>
    public string Sender { get; set; } = "";

    /// <summary>The registered client with whose rights messages are stored, and to whom the audit ascribes them.</summary>
    public string Client { get; set; } = "";

    /// <summary>PEM of the certificate with its chain; TLS is spoken when it is there, and has to be beyond this machine.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM of its key, when it stands in another file.</summary>
    public string? KeyFile { get; set; }

    /// <summary>SHA-256 thumbprints of the certificates with which senders show who they are.</summary>
    public List<string> ClientCertificates { get; set; } = [];

    /// <summary>Networks from which connections are taken; all when empty.</summary>
    public List<string> Networks { get; set; } = [];

    public int MaxConnections { get; set; } = 64;

    /// <summary>A connection on which nothing comes is closed.</summary>
    public int IdleSeconds { get; set; } = 600;

    /// <summary>A message that has begun has to have come by then.</summary>
    public int MessageSeconds { get; set; } = 30;

    /// <summary>Sentences that say what is wrong with it; empty when it can be opened.</summary>
    public IReadOnlyList<string> Faults(string where, bool isDemo)
    {
        var faults = new List<string>();
        if (!IPAddress.TryParse(Address, out var address))
            faults.Add($"{where}:Address: '{Address}' is no IP address.");
        if (Port is < 0 or > 65535)
            faults.Add($"{where}:Port: {Port} is no port.");
        if (!Messages.SenderProfile.IsName(Sender))
            faults.Add($"{where}:Sender: name whose messages come here, in letters, digits, '.', '_' and '-'; the name is part of the ids of all they make, so it must stay.");
        if (Client.Length == 0)
            faults.Add($"{where}:Client: name the registered client with whose rights messages are stored (fhir-emr client add).");
        if (MaxConnections is < 1 or > 10_000 || IdleSeconds is < 1 or > 86_400 || MessageSeconds is < 1 or > 3_600)
            faults.Add($"{where}: MaxConnections is 1 to 10000, IdleSeconds 1 to 86400, MessageSeconds 1 to 3600.");
        foreach (var network in Networks.Where(n => !IPNetwork.TryParse(n, out _)))
            faults.Add($"{where}:Networks: '{network}' is no network; write 10.1.2.0/24.");
        if (address is not null && !IPAddress.IsLoopback(address))
        {
            if (isDemo)
                faults.Add($"{where}:Address: the demo is for this machine only.");
            if (string.IsNullOrEmpty(CertificateFile))
                faults.Add($"{where}:CertificateFile: records do not travel in the clear. Beyond this machine a certificate is needed; or listen on 127.0.0.1 behind a tunnel.");
            if (ClientCertificates.Count == 0 && Networks.Count == 0)
                faults.Add($"{where}: beyond this machine name who may send: ClientCertificates, or Networks.");
        }

        if (CertificateFile is { Length: > 0 } && Certificate() is null)
            faults.Add($"{where}:CertificateFile: the certificate and its key cannot be read.");
        if (ClientCertificates.Count > 0 && string.IsNullOrEmpty(CertificateFile))
            faults.Add($"{where}:ClientCertificates: they need TLS; set CertificateFile.");
        return faults;
    }

    /// <summary>Null when there is none, or none that can be read.</summary>
    public X509Certificate2? Certificate()
    {
        try
        {
            return CertificateFile is { Length: > 0 } file ? X509Certificate2.CreateFromPemFile(file, KeyFile is { Length: > 0 } key ? key : null) : null;
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The certificate with those between it and what its peers trust, as they stand in the file; null as above.</summary>
    public SslStreamCertificateContext? CertificateContext()
    {
        if (Certificate() is not { } own)
            return null;
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(CertificateFile!);
        return SslStreamCertificateContext.Create(own, [.. chain.Where(c => c.Thumbprint != own.Thumbprint)], offline: true);
    }
}
