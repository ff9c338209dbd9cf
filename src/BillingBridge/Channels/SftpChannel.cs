using System.Net.Sockets;
using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.Ports;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Sftp;

namespace FhirEmr.BillingBridge.Channels;

/// <summary>A payer channel that is a clearinghouse's SFTP mailbox: one remote folder for our files, one for theirs.</summary>
/// <remarks>
/// A file is uploaded under a hidden name and renamed, so that the other side never takes half a file (reliability R-22). The host key is pinned: a
/// server with another key gets neither our password nor a file. Every step may be repeated.
/// </remarks>
public sealed class SftpChannel : IPayerChannel, IDisposable
{
    private const string StagingSuffix = ".part";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan OperationPatience = TimeSpan.FromSeconds(60);

    private readonly SftpSettings _settings;
    private readonly SeenFiles _seen;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private SftpClient? _client;

    /// <param name="settings">Checked before.</param>
    /// <param name="folder">Local folder: which inbound files are done with is kept there when they cannot be moved.</param>
    /// <param name="kind">Live when a clearinghouse is at the other end.</param>
    public SftpChannel(SftpSettings settings, string folder, ChannelKind kind)
    {
        _settings = settings;
        Kind = kind;
        _seen = new SeenFiles(Path.Combine(folder, "sftp-done.txt"));
    }

    /// <inheritdoc/>
    public string Name => $"sftp {_settings.Host}";

    /// <inheritdoc/>
    public ChannelKind Kind { get; }

    /// <inheritdoc/>
    public Task<SendOutcome> SendAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct) => WithAsync(async client =>
    {
        var path = PathOf(_settings.Outbound, fileName);
        if (await client.ExistsAsync(path, ct))
            return await DownloadAsync(client, path, ct) is { } there && there.AsSpan().SequenceEqual(content.Span) ? SendOutcome.AlreadySent : SendOutcome.NameTaken;

        // What an upload that broke off has left is written over.
        var staging = PathOf(_settings.Outbound, $".{fileName}{StagingSuffix}");
        using (var bytes = new MemoryStream(content.ToArray(), writable: false))
            await client.UploadFileAsync(bytes, staging, canOverride: true, uploadProgress: null, cancellationToken: ct);
        if ((await client.GetAttributesAsync(staging, ct)).Size != content.Length)
            throw new ChannelException($"{Name} kept another length of {fileName} than was sent.");
        await client.RenameFileAsync(staging, path, ct);
        return SendOutcome.Sent;
    }, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<InboundFile> ListInboundAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var files = await WithAsync(async client =>
        {
            var found = new List<ISftpFile>();
            await foreach (var file in client.ListDirectoryAsync(_settings.Inbound, ct))
            {
                if (file.IsRegularFile && !file.Name.StartsWith('.') && !file.Name.EndsWith(StagingSuffix, StringComparison.OrdinalIgnoreCase) && IsPlain(file.Name) && !_seen.Contains(Mark(file)))
                    found.Add(file);
            }

            return found;
        }, ct);
        foreach (var file in files.OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal))
            yield return new InboundFile(file.Name, file.Length);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenInboundAsync(string fileName, CancellationToken ct) => WithAsync<Stream?>(async client =>
        await DownloadAsync(client, PathOf(_settings.Inbound, fileName), ct) is { } bytes ? new MemoryStream(bytes, writable: false) : null, ct);

    /// <inheritdoc/>
    public Task AcknowledgeAsync(string fileName, InboundDisposition disposition, CancellationToken ct) => WithAsync(async client =>
    {
        var path = PathOf(_settings.Inbound, fileName);
        if (!await client.ExistsAsync(path, ct))
            return true; // an earlier attempt moved it
        if (_settings.Archive.Length == 0)
        {
            _seen.Add(Mark(await client.GetAsync(path, ct)));
            return true;
        }

        var folder = disposition is InboundDisposition.Archive ? _settings.Archive : $"{_settings.Archive}/rejected";
        if (!await client.ExistsAsync(folder, ct))
            await client.CreateDirectoryAsync(folder, ct);
        var target = $"{folder}/{fileName}";
        for (var n = 2; await client.ExistsAsync(target, ct); n++)
            target = $"{folder}/{Path.GetFileNameWithoutExtension(fileName)}.{n}{Path.GetExtension(fileName)}";
        await client.RenameFileAsync(path, target, ct);
        return true;
    }, ct);

    public void Dispose()
    {
        _client?.Dispose();
        _turn.Dispose();
    }

    private static async Task<byte[]?> DownloadAsync(SftpClient client, string path, CancellationToken ct)
    {
        try
        {
            using var bytes = new MemoryStream();
            await client.DownloadFileAsync(path, bytes, ct);
            return bytes.ToArray();
        }
        catch (SftpPathNotFoundException)
        {
            return null;
        }
    }

    // One connection is kept; the other side closes it when nothing goes over it for long, and then a new one is made.
    private async Task<T> WithAsync<T>(Func<SftpClient, Task<T>> work, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var isKept = _client is { IsConnected: true };
            try
            {
                return await work(await ConnectedAsync(ct));
            }
            catch (Exception e) when (isKept && e is SshConnectionException or SocketException or ObjectDisposedException)
            {
                Drop();
                return await work(await ConnectedAsync(ct));
            }
        }
        catch (Exception e) when (e is SshException or SocketException or ObjectDisposedException or SshOperationTimeoutException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            Drop();
            throw new ChannelException($"{Name}: {Sentence(e)}", e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<SftpClient> ConnectedAsync(CancellationToken ct)
    {
        if (_client is { IsConnected: true } kept)
            return kept;

        Drop();
        var client = new SftpClient(new ConnectionInfo(_settings.Host, _settings.Port, _settings.User, Methods()) { Timeout = Patience }) { OperationTimeout = OperationPatience };
        string? other = null;
        client.HostKeyReceived += (_, key) =>
        {
            key.CanTrust = string.Equals($"SHA256:{key.FingerPrintSHA256.TrimEnd('=')}", _settings.HostKey.TrimEnd('='), StringComparison.Ordinal);
            if (!key.CanTrust)
                other = key.FingerPrintSHA256;
        };
        try
        {
            await client.ConnectAsync(ct);
            return _client = client;
        }
        catch (SshException e) when (other is not null)
        {
            client.Dispose();
            throw new ChannelException($"{Name} shows another host key (SHA256:{other}) than Billing:Channel:Sftp:HostKey: nothing was sent. Ask the clearinghouse whether it has changed.", e);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private AuthenticationMethod[] Methods()
    {
        var methods = new List<AuthenticationMethod>();
        if (_settings.KeyFile.Length > 0)
        {
            var key = _settings.PassphraseFile.Length > 0
                ? new PrivateKeyFile(_settings.KeyFile, File.ReadAllText(_settings.PassphraseFile).TrimEnd('\r', '\n'))
                : new PrivateKeyFile(_settings.KeyFile);
            methods.Add(new PrivateKeyAuthenticationMethod(_settings.User, key));
        }

        var password = _settings.PasswordFile.Length > 0 ? File.ReadAllText(_settings.PasswordFile).TrimEnd('\r', '\n') : _settings.Password;
        if (password.Length > 0)
            methods.Add(new PasswordAuthenticationMethod(_settings.User, password));
        return [.. methods];
    }

    private void Drop()
    {
        _client?.Dispose();
        _client = null;
    }

    private static string Sentence(Exception e) => e switch
    {
        SshAuthenticationException => "the sign-in was refused: look at User and KeyFile or PasswordFile.",
        SftpPathNotFoundException or SftpPermissionDeniedException => $"a remote folder is not there or not open to us ({e.Message.TrimEnd('.')}).",
        SshOperationTimeoutException or OperationCanceledException => "it did not answer in time.",
        SocketException => "it cannot be reached.",
        _ => $"the exchange broke off ({e.Message.TrimEnd('.')}).",
    };

    // A name alone may come again with other content; name, length and time do not.
    private static string Mark(ISftpFile file) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file.Name}|{file.Length}|{file.LastWriteTimeUtc:yyyyMMddHHmmss}");

    private static bool IsPlain(string name) => name.Length > 0 && name.IndexOfAny(['/', '\\', '\0', '\r', '\n', '|']) < 0 && name is not ("." or "..");

    private static string PathOf(string folder, string fileName) =>
        IsPlain(fileName) ? $"{folder.TrimEnd('/')}/{fileName}" : throw new ArgumentException("A channel file has a plain name.", nameof(fileName));
}
