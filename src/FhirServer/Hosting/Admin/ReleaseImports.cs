using System.Collections.Concurrent;
using FhirEmr.FhirServer.Storage;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Import;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Admin;

/// <summary>Releases that an administrator sends to a running server: taken in whole, then read one after the other beside all other work.</summary>
/// <remarks>What is remembered of them is this node's own and goes with it: the same file sent again changes nothing, so that is all a restart costs.</remarks>
internal sealed class ReleaseImports(TerminologyService terminology, IOptions<StorageOptions> storage, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<ReleaseImports> log) : IDisposable
{
    /// <summary>The largest of the releases read from one file, RxNorm's, stays far below.</summary>
    public const long MostBytes = 2L << 30;

    private const int MostWaiting = 8, MostKept = 100;
    private readonly ConcurrentDictionary<string, ReleaseImport> imports = [];
    private readonly SemaphoreSlim turn = new(1);

    public IReadOnlyList<ImportStanding> All => [.. imports.Values.Select(import => import.Look().Standing).OrderByDescending(standing => standing.Accepted)];

    public ReleaseImport? Find(string id) => imports.GetValueOrDefault(id);

    public void Dispose() => turn.Dispose();

    /// <summary>Takes the file in and begins; null when too many wait already.</summary>
    public async Task<ReleaseImport?> AcceptAsync(string kindName, ReleaseKind kind, string file, ImportOptions options, Stream content, CancellationToken ct)
    {
        if (imports.Values.Count(import => !import.HasEnded) >= MostWaiting)
            return null;
        var import = new ReleaseImport(Guid.CreateVersion7().ToString("N"), kindName, file, clock);
        var folder = Path.Combine(storage.Value.DataFolder, "terminology", $".incoming-{import.Id}");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, file); // the name says which release it is, so the file keeps it
        try
        {
            await using var stored = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 256 * 1024 });
            await content.CopyToAsync(stored, ct);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }

        Forget();
        imports[import.Id] = import;
        _ = Task.Factory.StartNew(() => RunAsync(import, kind, path, folder, options with { Progress = import }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return import;
    }

    private async Task RunAsync(ReleaseImport import, ReleaseKind kind, string path, string folder, ImportOptions options)
    {
        try
        {
            await turn.WaitAsync(lifetime.ApplicationStopping);
            try
            {
                import.Begin();
                import.End(terminology.Import(kind, path, options, lifetime.ApplicationStopping));
            }
            finally
            {
                turn.Release();
            }
        }
        catch (OperationCanceledException)
        {
            import.Fail("The server stopped before the release was whole; nothing has changed. Send it again.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogError(e, "A release of {Kind} could not be read or written", kind);
            import.Fail("The disk refused: nothing has changed. See the server's log, and send it again.");
        }
        finally
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException e)
            {
                log.LogWarning(e, "{Folder} could not be deleted", folder);
            }
        }
    }

    private void Forget()
    {
        foreach (var old in imports.Values.Where(import => import.HasEnded).OrderByDescending(import => import.Look().Standing.Accepted).Skip(MostKept - 1))
            imports.TryRemove(old.Id, out _);
        foreach (var left in Directory.EnumerateDirectories(Path.Combine(storage.Value.DataFolder, "terminology"), ".incoming-*")
            .Where(folder => Directory.GetCreationTimeUtc(folder) < clock.GetUtcNow().UtcDateTime.AddDays(-1)).ToList())
            Directory.Delete(left, recursive: true); // of a process that was killed
    }
}
