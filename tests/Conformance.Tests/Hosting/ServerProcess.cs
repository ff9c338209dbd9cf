using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Hosting.Cli;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>The real program in a process of its own: to be killed, refused, or run as a command.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const string Serves = " serves ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource<string> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(string[] arguments)
    {
        process = new Process { StartInfo = new("dotnet", [typeof(WebHost).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

#pragma warning disable CA5359 // it only ever calls the program that it has started
    /// <summary>Believes every certificate: those of tests are their own.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } }) { Timeout = TimeSpan.FromMinutes(2) };
#pragma warning restore CA5359

    public string BaseUrl { get; private set; } = "";

    /// <summary>File of the administrator's token, for commands.</summary>
    public string TokenFile { get; private set; } = "";

    /// <summary>Everything it wrote, both streams.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>
    /// Starts <c>serve</c>, as a demo without records and people unless the settings say what sort of demo, on a free port and waits until it says it is ready; its clients come with
    /// the administrator's token.
    /// </summary>
    public static async Task<ServerProcess> ServeAsync(params string[] settings)
    {
        var server = await StartAsync(settings.Contains("--demo") ? settings : ["--demo", "--no-seed", "--no-users", .. settings]);
        server.TokenFile = DemoToken.PathOf(FolderOf(settings));
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", await File.ReadAllTextAsync(server.TokenFile));
        return server;
    }

    /// <summary>The same as a practice runs it: nobody is signed in.</summary>
    public static async Task<ServerProcess> StartAsync(params string[] settings)
    {
        var server = new ServerProcess(["serve", "--urls", "http://127.0.0.1:0", .. settings]);
        var exited = server.process.WaitForExitAsync();
        if (await Task.WhenAny(server.address.Task, exited, Task.Delay(Patience)) != server.address.Task)
        {
            await server.DisposeAsync();
            Assert.Fail($"The server did not start: {server.Output}");
        }

        var url = await server.address.Task;
        while ((await server.Http.GetAsync(url + "/health/ready")).StatusCode != System.Net.HttpStatusCode.OK)
            await Task.Delay(20);
        server.BaseUrl = url + FhirEndpoint.BasePath;
        return server;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var command = new ServerProcess(arguments);
        using var limit = new CancellationTokenSource(Patience);
        await command.process.WaitForExitAsync(limit.Token);
        return (command.process.ExitCode, command.Output);
    }

    /// <summary>Starts a command and kills it when it says that something is done; false when it had ended by itself before.</summary>
    public static async Task<bool> RunAndKillAsync(params string[] arguments)
    {
        await using var command = new ServerProcess(arguments);
        using var limit = new CancellationTokenSource(Patience);
        while (!command.process.HasExited && !SomeDone().IsMatch(command.Output))
            await Task.Delay(2, limit.Token);
        var runs = !command.process.HasExited;
        await command.KillAsync();
        return runs;
    }

    /// <summary>SIGKILL: nothing is flushed, nothing said.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public int Id => process.Id;

    /// <summary>Says SIGTERM, as a supervisor does.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The exit code, when it ends of its own.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public async Task<int> CountAsync(string query)
    {
        using var response = await PatientlyAsync(() => Http.GetAsync($"{BaseUrl}/{query}{(query.Contains('?', StringComparison.Ordinal) ? '&' : '?')}_summary=count"));
        return Total(await response.Content.ReadAsStringAsync());
    }

    /// <summary>How many of these ids are there; by POST, because they would not fit an address.</summary>
    public async Task<int> CountAsync(string type, IEnumerable<string> ids)
    {
        var count = 0;
        foreach (var some in ids.Chunk(200))
        {
            using var response = await PatientlyAsync(() =>
                Http.PostAsync($"{BaseUrl}/{type}/_search", new FormUrlEncodedContent([new("_id", string.Join(',', some)), new("_summary", "count")])));
            count += Total(await response.Content.ReadAsStringAsync());
        }

        return count;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
        Http.Dispose();
    }

    /// <summary>Asks again as long as the server says to: each connection that a restart of the database has cut costs one answer of 503.</summary>
    private static async Task<HttpResponseMessage> PatientlyAsync(Func<Task<HttpResponseMessage>> ask)
    {
        var response = await ask();
        for (var n = 0; n < 50 && response.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable; n++)
        {
            response.Dispose();
            await Task.Delay(100);
            response = await ask();
        }

        return response;
    }

    private static string FolderOf(string[] settings)
    {
        const string name = "--Storage:DataFolder";
        var at = Array.FindIndex(settings, s => s.StartsWith(name, StringComparison.Ordinal));
        return settings[at].Length > name.Length ? settings[at][(name.Length + 1)..] : settings[at + 1];
    }

    /// <summary>How a command that is no terminal's tells how far it is.</summary>
    [GeneratedRegex("\"done\":[1-9]")]
    private static partial Regex SomeDone();

    private static int Total(string bundle) => System.Text.Json.Nodes.JsonNode.Parse(bundle)!["total"]?.GetValue<int>() ?? throw new InvalidOperationException(bundle);

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(CultureInfo.InvariantCulture, $"{line}");
        if (line.IndexOf(Serves, StringComparison.Ordinal) is > 0 and var at)
            address.TrySetResult(line[(at + Serves.Length)..].Split(' ')[0]);
    }
}
