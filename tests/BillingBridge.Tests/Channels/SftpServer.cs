using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace FhirEmr.BillingBridge.Tests.Channels;

/// <summary>A throw-away OpenSSH server on the loopback, with a host key and a user key of its own. Real, because a fake would agree with us.</summary>
public sealed class SftpServer : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fhir-emr-sftp-");
    private Process? _sshd;

    /// <summary>What is not on this machine; the tests then skip with this reason.</summary>
    public string? WhyNot { get; private set; }

    public int Port { get; private set; }

    public string HostKey { get; private set; } = "";

    public string KeyFile => Path.Combine(_folder.FullName, "user");

    public string OtherKeyFile => Path.Combine(_folder.FullName, "stranger");

    /// <summary>A fresh mailbox.</summary>
    public DirectoryInfo NewMailbox()
    {
        var mailbox = _folder.CreateSubdirectory(Guid.NewGuid().ToString("N"));
        mailbox.CreateSubdirectory("outbound");
        mailbox.CreateSubdirectory("inbound");
        return mailbox;
    }

    public async ValueTask InitializeAsync()
    {
        var (sshd, keygen) = (Find("sshd"), Find("ssh-keygen"));
        if (sshd is null || keygen is null)
        {
            WhyNot = "There is no OpenSSH server on this machine (Debian: apt-get install openssh-server).";
            return;
        }

        foreach (var name in (string[])["host", "user", "stranger"])
            await RunAsync(keygen, "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(_folder.FullName, name));
        HostKey = (await RunAsync(keygen, "-lf", Path.Combine(_folder.FullName, "host.pub"))).Split(' ')[1];
        File.Copy(KeyFile + ".pub", Path.Combine(_folder.FullName, "authorized"));
        Port = FreePort();
        var configuration = Path.Combine(_folder.FullName, "sshd_config");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            Port {Port}
            ListenAddress 127.0.0.1
            HostKey {Path.Combine(_folder.FullName, "host")}
            AuthorizedKeysFile {Path.Combine(_folder.FullName, "authorized")}
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            Subsystem sftp internal-sftp
            ForceCommand internal-sftp
            MaxStartups 100

            """);
        if (Environment.UserName == "root")
            Directory.CreateDirectory("/run/sshd"); // where sshd puts the processes that have no rights

        _sshd = Process.Start(new ProcessStartInfo(sshd, ["-D", "-e", "-f", configuration]) { RedirectStandardError = true })!;
        _ = _sshd.StandardError.ReadToEndAsync(); // a full pipe would stop it
        for (var watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (watch.Elapsed < TimeSpan.FromSeconds(20) && !_sshd.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_sshd is { HasExited: false })
            _sshd.Kill(entireProcessTree: true);
        _sshd?.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Find(string program) =>
        ((string[])["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/sbin", "/bin"]).Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
