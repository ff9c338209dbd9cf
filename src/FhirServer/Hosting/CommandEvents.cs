using System.Text.Json;
using System.Text.Json.Serialization;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Encryption;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>What commands do to accounts, roles, clients and keys: each lies in a file beside the keys until a server takes it into the audit (security.md S-50).</summary>
/// <remarks>
/// Commands work beside a server, and on SQLite only that may write where the audit is. The file is on disk before the command says that it is done. Whoever can take it away again can read the keys
/// of the audit, too.
/// </remarks>
internal sealed class CommandEvents(string keysFolder, TimeProvider clock) : ISecurityEvents
{
    private static readonly JsonSerializerOptions Format = new() { Converters = { new JsonStringEnumConverter() } };

    private readonly string folder = Path.Combine(keysFolder, "events");

    public ValueTask RaiseAsync(SecurityEvent happened, CancellationToken ct)
    {
        OwnerOnly.CreateFolder(keysFolder);
        OwnerOnly.CreateFolder(folder);
        var kept = new Kept(clock.GetUtcNow(), Environment.UserName, Environment.MachineName, happened with { UserName = null }); // as in the audit, nobody is named
        OwnerOnly.WriteFile(Path.Combine(folder, $"{kept.When:yyyyMMddHHmmssfffffff}-{Guid.NewGuid():N}.json"), JsonSerializer.SerializeToUtf8Bytes(kept, Format));
        return ValueTask.CompletedTask;
    }

    /// <summary>Hands over what lies there, the oldest first; each is gone once it was taken. A crash in between has it taken twice.</summary>
    /// <param name="closed">Told of a file that another user of the machine has written and this process may not open: it stays, and those behind it are taken all the same.</param>
    public async Task TakeAsync(Func<SecurityEvent, Task> into, Action<string> closed, CancellationToken ct)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            ct.ThrowIfCancellationRequested();
            if (Open(path, closed) is not { } file)
                continue; // another node has it
            await using (file)
            {
                if (!File.Exists(path))
                    continue; // another node had it, and let go of it only now
                var kept = await ReadAsync(file, ct);
                await into(kept is null
                    ? new(SecurityEventKind.CommandUnreadable, null, null, "the command line") { Succeeded = false, Detail = Path.GetFileName(path) }
                    : kept.Happened with { By = $"{kept.User} at the command line", Address = kept.Machine, Detail = string.Join(", ", new[] { kept.Happened.Detail, $"at {kept.When:u}" }.OfType<string>()) });
                File.Delete(path);
            }
        }
    }

    /// <summary>Locked for other nodes; elsewhere than on Windows only who shares nothing has a lock of its own, and a file can be deleted while it is open anyway.</summary>
    private static FileStream? Open(string path, Action<string> closed)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            closed(path);
            return null;
        }
    }

    private static async Task<Kept?> ReadAsync(FileStream file, CancellationToken ct)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<Kept>(file, Format, ct) is { Happened: not null } kept ? kept : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Kept(DateTimeOffset When, string User, string Machine, SecurityEvent Happened);
}

/// <summary>Takes the commands' events into the audit, within seconds and at each start.</summary>
internal sealed partial class CommandEventsWatch(CommandEvents events, ISecurityEvents audit, TimeProvider clock, ILogger<CommandEventsWatch> log) : Watch(Every, clock, log)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> told = [];

    protected override Task TurnAsync(CancellationToken ct) => events.TakeAsync(happened => audit.RaiseAsync(happened, ct).AsTask(), Tell, ct);

    private void Tell(string path)
    {
        if (told.Add(path))
            Closed(log, path);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} tells of a command that another user of this machine ran; it comes into the audit once the server's user owns it. Run commands as the server's user")]
    private static partial void Closed(ILogger log, string path);
}
