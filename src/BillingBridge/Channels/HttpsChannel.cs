using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Channels;

/// <summary>A payer channel over HTTPS: a file is posted, the answer comes with the reply or waits in a mailbox.</summary>
/// <remarks>
/// What comes with the reply is on our disk before the file counts as sent, in the folders of a <see cref="FolderChannel"/>, and so is what was sent: a
/// crash loses no answer, and a file that went out is not posted again. Where a crash falls between the two the file is posted again with the
/// same PayloadID, by which the other side knows it (reliability R-21).
/// </remarks>
public sealed class HttpsChannel : IPayerChannel, IDisposable
{
    private const int MostBytes = 64 * 1024 * 1024;
    private const string MailboxPrefix = "mailbox-";

    private readonly HttpsSettings _settings;
    private readonly FolderChannel _spool;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly (string Sender, string Receiver) _ids;
    private (string Token, DateTimeOffset Until)? _token;

    /// <param name="settings">Checked before.</param>
    /// <param name="folder">Local folder for what was sent and what came.</param>
    /// <param name="kind">Live when a clearinghouse is at the other end.</param>
    /// <param name="senderId">ISA06, where the settings name no other.</param>
    /// <param name="receiverId">ISA08, likewise.</param>
    /// <param name="handler">The host's: it decides which addresses may be reached. Disposed with the channel.</param>
    /// <param name="time">Now.</param>
    public HttpsChannel(HttpsSettings settings, string folder, ChannelKind kind, string senderId, string receiverId, HttpMessageHandler handler, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _ids = (settings.SenderId is { Length: > 0 } s ? s : senderId, settings.ReceiverId is { Length: > 0 } r ? r : receiverId);
        _spool = new FolderChannel(folder, kind);
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(settings.TimeoutSeconds), MaxResponseContentBufferSize = MostBytes };
    }

    /// <inheritdoc/>
    public string Name => $"https {new Uri(_settings.Url).Host}";

    /// <inheritdoc/>
    public ChannelKind Kind => _spool.Kind;

    /// <inheritdoc/>
    public async Task<SendOutcome> SendAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        if (await _spool.FindSentAsync(fileName, content, ct) is { } before)
            return before;

        var answer = await PostAsync(fileName, content, ct);
        if (answer.Length > 0)
            await _spool.DeliverAsync($"reply-{fileName}", answer, ct);
        await _spool.SendAsync(fileName, content, ct);
        _spool.MarkTaken(fileName);
        return SendOutcome.Sent;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<InboundFile> ListInboundAsync([EnumeratorCancellation] CancellationToken ct)
    {
        if (_settings.MailboxUrl.Length > 0)
            await EmptyMailboxAsync(ct);
        await foreach (var file in _spool.ListInboundAsync(ct))
            yield return file;
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenInboundAsync(string fileName, CancellationToken ct) => _spool.OpenInboundAsync(fileName, ct);

    /// <inheritdoc/>
    public async Task AcknowledgeAsync(string fileName, InboundDisposition disposition, CancellationToken ct)
    {
        await _spool.AcknowledgeAsync(fileName, disposition, ct);
        if (fileName.StartsWith(MailboxPrefix, StringComparison.Ordinal))
            await TakeAwayAsync(fileName[MailboxPrefix.Length..], ct);
    }

    public void Dispose() => _http.Dispose();

    private async Task<byte[]> PostAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        using var reply = await SendAsync(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, _settings.Url);
            if (_settings.Envelope is HttpsEnvelope.Mime)
            {
                request.Content = CoreEnvelope.Write(fileName, content, _ids.Sender, _ids.Receiver, _time.GetUtcNow());
            }
            else
            {
                request.Content = new ReadOnlyMemoryContent(content);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/edi-x12");
                request.Headers.Add("X-Payload-ID", CoreEnvelope.PayloadId(fileName, content));
            }

            return request;
        }, "takes no files", ct);

        var body = await reply.Content.ReadAsByteArrayAsync(ct);
        if (reply.Content.Headers.ContentType is { MediaType: { } type } media && type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            return Payload(CoreEnvelope.Read(body, media.Parameters.FirstOrDefault(p => p.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase))?.Value ?? ""));
        return IsX12(body) ? body : [];
    }

    private byte[] Payload(Dictionary<string, byte[]> parts)
    {
        string Text(string name) => parts.TryGetValue(name, out var bytes) ? Encoding.UTF8.GetString(bytes).Trim() : "";
        var code = Text("ErrorCode");
        if (code.Length > 0 && !code.Equals("Success", StringComparison.OrdinalIgnoreCase))
            throw new ChannelException($"{Name} does not take the file: {code}{(Text("ErrorMessage") is { Length: > 0 } why ? $" ({why[..Math.Min(why.Length, 200)]})" : "")}.");
        return parts.TryGetValue("Payload", out var payload) && IsX12(payload) ? payload : [];
    }

    private async Task EmptyMailboxAsync(CancellationToken ct)
    {
        try
        {
            foreach (var name in await ListMailboxAsync(ct))
            {
                if (!File.Exists(Path.Combine(_spool.Inbound, MailboxPrefix + name)))
                    await FetchAsync(name, ct);
            }
        }
        catch (ChannelException) when (Directory.EnumerateFiles(_spool.Inbound).Any())
        {
            // A mailbox that is down does not keep the answers waiting that are here; when they are done with, it is said.
        }
    }

    private async Task<IReadOnlyList<string>> ListMailboxAsync(CancellationToken ct)
    {
        using var reply = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, _settings.MailboxUrl), "shows no mailbox", ct);
        try
        {
            return await reply.Content.ReadFromJsonAsync<List<string>>(ct) is { } names ? [.. names.Where(n => n.Length > 0 && n == Path.GetFileName(n) && n is not ("." or ".."))] : [];
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new ChannelException($"{Name}: the mailbox's list is no JSON array of names.", e);
        }
    }

    private async Task FetchAsync(string name, CancellationToken ct)
    {
        using var reply = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, MailboxFile(name)), "does not give a file of its mailbox", ct, HttpStatusCode.NotFound);
        if (reply.StatusCode is HttpStatusCode.NotFound)
            return; // gone meanwhile
        if (_spool.IsDone(MailboxPrefix + name))
            await TakeAwayAsync(name, ct); // applied before, but not taken away
        else
            await _spool.DeliverAsync(MailboxPrefix + name, await reply.Content.ReadAsByteArrayAsync(ct), ct);
    }

    private async Task TakeAwayAsync(string name, CancellationToken ct)
    {
        using var _ = await SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, MailboxFile(name)), "does not take a file away", ct, HttpStatusCode.NotFound, HttpStatusCode.Gone);
    }

    private string MailboxFile(string name) => $"{_settings.MailboxUrl.TrimEnd('/')}/{Uri.EscapeDataString(name)}";

    // A token may be withdrawn before its time: a 401 fetches another, once.
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, string what, CancellationToken ct, params HttpStatusCode[] alsoFine)
    {
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                using var request = make();
                request.Headers.Authorization = await SignInAsync(ct);
                var reply = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, ct);
                if (reply.IsSuccessStatusCode || alsoFine.Contains(reply.StatusCode))
                    return reply;
                var status = reply.StatusCode;
                reply.Dispose();
                if (status is not HttpStatusCode.Unauthorized || _settings.TokenUrl.Length == 0 || attempt > 0)
                    throw new ChannelException($"{Name} {what}: it answered {(int)status}.");
                _token = null;
            }
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ChannelException($"{Name} {(e is HttpRequestException ? "cannot be reached" : "did not answer in time")}.", e);
        }
    }

    private async Task<AuthenticationHeaderValue> SignInAsync(CancellationToken ct)
    {
        if (_settings.TokenUrl.Length == 0)
            return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_settings.User}:{Secret(_settings.PasswordFile, _settings.Password)}")));
        if (_token is { } kept && _time.GetUtcNow() < kept.Until)
            return new AuthenticationHeaderValue("Bearer", kept.Token);

        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials" };
        if (_settings.Scope.Length > 0)
            form["scope"] = _settings.Scope;
        using var request = new HttpRequestMessage(HttpMethod.Post, _settings.TokenUrl) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(
            $"{Uri.EscapeDataString(_settings.ClientId)}:{Uri.EscapeDataString(Secret(_settings.ClientSecretFile, _settings.ClientSecret))}")));
        using var reply = await _http.SendAsync(request, ct);
        if (!reply.IsSuccessStatusCode)
            throw new ChannelException($"{new Uri(_settings.TokenUrl).Host} gives no token: it answered {(int)reply.StatusCode}. Look at ClientId and ClientSecretFile.");
        try
        {
            using var token = JsonDocument.Parse(await reply.Content.ReadAsByteArrayAsync(ct));
            var text = token.RootElement.GetProperty("access_token").GetString() ?? "";
            var seconds = token.RootElement.TryGetProperty("expires_in", out var life) && life.TryGetInt32(out var s) ? s : 60;
            _token = (text, _time.GetUtcNow() + TimeSpan.FromSeconds(Math.Max(0, seconds - 30)));
            return new AuthenticationHeaderValue("Bearer", text);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ChannelException($"{new Uri(_settings.TokenUrl).Host} gives no token that can be read.", e);
        }
    }

    private static string Secret(string file, string value) => file.Length > 0 ? File.ReadAllText(file).TrimEnd('\r', '\n') : value;

    private static bool IsX12(ReadOnlySpan<byte> body) => body.TrimStart(" \t\r\n\uFEFF"u8).StartsWith("ISA"u8);
}
