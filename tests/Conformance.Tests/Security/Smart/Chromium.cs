using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>A real browser without a window, told what to do over its own debugging protocol.</summary>
/// <remarks>https://chromedevtools.github.io/devtools-protocol/.</remarks>
internal sealed partial class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly string profile;
    private readonly ClientWebSocket socket = new();
    private int calls;

    private Chromium(Process process, string profile) => (this.process, this.profile) = (process, profile);

    /// <summary>Null when there is no Chromium on this machine.</summary>
    public static async Task<Chromium?> StartAsync(CancellationToken ct)
    {
        var profile = Directory.CreateTempSubdirectory("fhir-emr-chromium-").FullName;
        var start = new ProcessStartInfo("chromium",
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-dev-shm-usage", "--no-first-run",
            "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Directory.Delete(profile);
            return null;
        }

        var browser = new Chromium(process, profile);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
            if (Listening().Match(line) is { Success: true } found)
            {
                _ = process.StandardError.ReadToEndAsync(CancellationToken.None); // or it stops when the pipe is full
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                using var http = new HttpClient();
                var pages = JsonNode.Parse(await http.GetStringAsync($"http://127.0.0.1:{found.Groups[1].Value}/json/list", limit.Token))!.AsArray();
                await browser.socket.ConnectAsync(new Uri(pages.First(p => p!["type"]!.GetValue<string>() == "page")!["webSocketDebuggerUrl"]!.GetValue<string>()), limit.Token);
                return browser;
            }

        throw new InvalidOperationException("Chromium ended before it listened.");
    }

    public Task GoToAsync(string address, CancellationToken ct) => CallAsync("Page.navigate", new JsonObject { ["url"] = address }, ct);

    public Task SetCookieAsync(string address, string name, string value, CancellationToken ct) =>
        CallAsync("Network.setCookie", new JsonObject { ["url"] = address, ["name"] = name, ["value"] = value, ["httpOnly"] = true, ["sameSite"] = "Lax" }, ct);

    /// <summary>A key, as the keyboard sends it: Tab or Enter.</summary>
    public async Task PressAsync(string key, CancellationToken ct)
    {
        var (code, text) = key == "Enter" ? (13, "\r") : (9, "");
        foreach (var type in (string[])["keyDown", "keyUp"])
            await CallAsync("Input.dispatchKeyEvent", new() { ["type"] = type, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code, ["text"] = type == "keyDown" ? text : "" }, ct);
    }

    /// <summary>A device that makes passkeys and verifies its user by itself; its id.</summary>
    public async Task<string> AddAuthenticatorAsync(CancellationToken ct)
    {
        await CallAsync("WebAuthn.enable", [], ct);
        var options = new JsonObject
        {
            ["protocol"] = "ctap2",
            ["transport"] = "internal",
            ["hasResidentKey"] = true,
            ["hasUserVerification"] = true,
            ["isUserVerified"] = true,
            ["automaticPresenceSimulation"] = true,
        };
        return (await CallAsync("WebAuthn.addVirtualAuthenticator", new() { ["options"] = options }, ct))["authenticatorId"]!.GetValue<string>();
    }

    /// <summary>Whether the device recognises its user from now on.</summary>
    public Task SetUserVerifiedAsync(string authenticator, bool isVerified, CancellationToken ct) =>
        CallAsync("WebAuthn.setUserVerified", new() { ["authenticatorId"] = authenticator, ["isUserVerified"] = isVerified }, ct);

    public Task RemoveAuthenticatorAsync(string authenticator, CancellationToken ct) =>
        CallAsync("WebAuthn.removeVirtualAuthenticator", new() { ["authenticatorId"] = authenticator }, ct);

    /// <summary>What an expression comes to in the page; null while there is none or it throws.</summary>
    public async Task<string?> AskAsync(string expression, CancellationToken ct)
    {
        var answer = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({expression})", ["returnByValue"] = true }, ct);
        return answer["exceptionDetails"] is null ? answer["result"]?["value"]?.GetValue<string>() : null;
    }

    /// <summary>Waits until the expression is true in whatever page is then open.</summary>
    public async Task WaitAsync(string expression, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            while (await AskAsync(expression, limit.Token) != "true")
                await Task.Delay(50, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Assert.Fail($"'{expression}' did not come true; the page at {await AskAsync("location.href", ct)} says: {await AskAsync("document.body.innerText", ct)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        try
        {
            Directory.Delete(profile, recursive: true);
        }
        catch (IOException)
        {
            // A helper of the browser still writes into it: temporary folders are cleaned up by the system.
        }
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters, CancellationToken ct)
    {
        var id = ++calls;
        await socket.SendAsync(Encoding.UTF8.GetBytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters }.ToJsonString()), WebSocketMessageType.Text, true, ct);
        while (true)
        {
            var message = await ReceiveAsync(ct);
            if (message["id"]?.GetValue<int>() == id)
                return message["result"] ?? throw new InvalidOperationException(message.ToJsonString());
        }
    }

    private async Task<JsonNode> ReceiveAsync(CancellationToken ct)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, ct);
            whole.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return JsonNode.Parse(whole.ToArray())!;
        }
    }

    [GeneratedRegex(@"DevTools listening on ws://127\.0\.0\.1:(\d+)/")]
    private static partial Regex Listening();
}
