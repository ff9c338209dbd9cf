using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FhirEmr.FhirServer.Hl7V2.Mllp;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Mllp;

public sealed class MllpListenerTests
{
    [Fact]
    public async Task Who_finds_no_place_among_the_writes_is_told_to_send_again()
    {
        using var listener = Listener(new() { Sender = "LAB", Client = "lab" });
        listener.Open();
        using var stop = new CancellationTokenSource();
        var running = listener.RunAsync(stop.Token);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(listener.EndPoint!, TestContext.Current.CancellationToken);
            var answer = await AskAsync(client.GetStream());
            Assert.Contains("\rMSA|AR|17|", answer, StringComparison.Ordinal);
            Assert.Contains("|207^", answer, StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        await running;
    }

    /// <summary>A client that trusts the root alone can follow the chain that the file holds.</summary>
    [Fact]
    public async Task TLS_shows_the_whole_chain_of_the_file()
    {
        var folder = Directory.CreateTempSubdirectory("fhir-emr-mllp-");
        var (root, between, leaf) = (Made("CN=Root", null), default(X509Certificate2)!, default(X509Certificate2)!);
        between = Made("CN=Between", root);
        leaf = Made("CN=localhost", between);
        var file = Path.Combine(folder.FullName, "mllp.pem");
        await File.WriteAllTextAsync(file, $"{leaf.ExportCertificatePem()}\n{between.ExportCertificatePem()}\n{leaf.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n", TestContext.Current.CancellationToken);
        using var listener = Listener(new() { Sender = "LAB", Client = "lab", CertificateFile = file });
        listener.Open();
        using var stop = new CancellationTokenSource();
        var running = listener.RunAsync(stop.Token);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(listener.EndPoint!, TestContext.Current.CancellationToken);
            await using var stream = new SslStream(client.GetStream());
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            policy.CustomTrustStore.Add(root);
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy }, TestContext.Current.CancellationToken);
            Assert.Contains("\rMSA|AR|17|", await AskAsync(stream), StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        await running;
        folder.Delete(recursive: true);
        foreach (var certificate in new[] { root, between, leaf })
            certificate.Dispose();
    }

    private static MllpListener Listener(ListenerOptions options) => new(
        options, null!, new SenderBook(new Dictionary<string, SenderOptions>(), TimeZoneInfo.Utc), new MessageLimits(), (_, _) => new(Caller.System), (_, _) => new((IDisposable?)null), TimeProvider.System, NullLogger<MllpListener>.Instance);

    private static async Task<string> AskAsync(Stream stream)
    {
        await stream.WriteAsync(MllpFrames.Wrap(Encoding.UTF8.GetBytes("MSH|^~\\&|A|B|C|D|2026||ADT^A04|17|P|2.5.1\rPID|1\r")), TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
    }

    private static X509Certificate2 Made(string name, X509Certificate2? issuer)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var isLeaf = name == "CN=localhost";
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(!isLeaf, false, 0, true));
        if (isLeaf)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
        }

        DateTimeOffset from = issuer?.NotBefore ?? TimeProvider.System.GetUtcNow().AddDays(-1), until = issuer?.NotAfter ?? TimeProvider.System.GetUtcNow().AddDays(1); // none outlives its issuer
        if (issuer is null)
            return request.CreateSelfSigned(from, until);
        using var signed = request.Create(issuer, from, until, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
