using System.Collections.Concurrent;
using System.Diagnostics;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Hosting.Cli;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hosting.Import;

/// <summary>Loads files of Bundles and NDJSON: what is wrong is reported with its place, and the rest goes on.</summary>
/// <remarks>
/// NDJSON lines whose references are not there yet are tried again after everything else, until a round gets nothing further.
/// </remarks>
internal sealed class ImportRun(IImportTarget target, JobReport report, bool asDemoPractice)
{
    private const int LinesPerTransaction = 200;
    private readonly ConcurrentQueue<ImportFault> faults = new();
    private readonly ConcurrentQueue<ImportItem> waiting = new();
    private long resources;

    public async Task<ImportSummary> RunAsync(IReadOnlyList<string> files, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        // The first files may hold what all others refer to, so they go alone; after that two at a time: one is read while one is written.
        foreach (var file in files.Take(1))
            await FileAsync(file, ct);
        await Parallel.ForEachAsync(files.Skip(1), new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = ct }, async (file, token) => await FileAsync(file, token));

        await RetryWaitingAsync(ct);
        report.Finish(Interlocked.Read(ref resources), null, faults.Count);
        return new(files.Count, Interlocked.Read(ref resources), [.. faults], watch.Elapsed);
    }

    private async Task FileAsync(string file, CancellationToken ct)
    {
        try
        {
            if (ImportSource.IsLines(file))
                await LinesAsync(file, ct);
            else
                await DocumentAsync(file, ct);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            faults.Enqueue(new(file, e.Message));
        }

        report.Show(Interlocked.Read(ref resources), null, faults.Count);
    }

    private async Task DocumentAsync(string file, CancellationToken ct)
    {
        var bytes = await File.ReadAllBytesAsync(file, ct);
        if (RequestBody.Read(bytes, FhirFormats.JsonMediaType, out var document) is { } unreadable)
        {
            Report(file, unreadable);
            return;
        }

        if (document.Type.Name != "Bundle")
        {
            await LinesAsync([new(file, 0, bytes)], ct);
            return;
        }

        if (asDemoPractice)
        {
            var bundle = DemoIdentities.Apply(FhirFormats.Parse<Bundle>(bytes));
            document = FhirJsonReader.Read(FhirFormats.ToJson(bundle), out _)!.Root;
        }

        var count = 0;
        foreach (var child in document.Children)
            if (FhirNames.Name(child.NameId) == "entry")
                count++;
        if (await target.SendAsync(TransactionComposer.FromBundle(document), ct) is { } refused)
            Report(file, refused);
        else
            Interlocked.Add(ref resources, count);
    }

    private async Task LinesAsync(string file, CancellationToken ct)
    {
        var batch = new List<ImportItem>(LinesPerTransaction);
        try
        {
            await foreach (var item in ImportSource.LinesAsync(file, ct))
            {
                batch.Add(item);
                if (batch.Count == LinesPerTransaction)
                {
                    await LinesAsync(batch, ct);
                    batch.Clear();
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException && batch.Count > 0)
        {
            await LinesAsync(batch, ct); // what came before the damage
            throw;
        }

        if (batch.Count > 0)
            await LinesAsync(batch, ct);
    }

    private async Task LinesAsync(IReadOnlyList<ImportItem> items, CancellationToken ct)
    {
        var good = new List<(ImportItem Item, FhirNode Resource)>(items.Count);
        foreach (var item in items)
        {
            if (RequestBody.Read(item.Json, FhirFormats.JsonMediaType, out var resource) is { } unreadable)
                Report(item.Place, unreadable);
            else
                good.Add((item, resource));
        }

        var isDistinct = good.Select(g => TransactionComposer.NameOf(g.Resource)).Distinct().Count() == good.Count;
        if (good.Count == 0)
            return;
        if (isDistinct && await target.SendAsync(TransactionComposer.FromResources(good.Select(g => g.Resource)), ct) is null)
        {
            Interlocked.Add(ref resources, good.Count);
            return;
        }

        // Something in the batch is refused: find out what, and let the others through.
        foreach (var (item, resource) in good)
        {
            switch (await target.SendAsync(TransactionComposer.FromResources([resource]), ct))
            {
                case null:
                    Interlocked.Increment(ref resources);
                    break;
                case { Issues: [{ Code: "not-found" }, ..] }:
                    waiting.Enqueue(item);
                    break;
                case var refused:
                    Report(item.Place, refused);
                    break;
            }
        }
    }

    private async Task RetryWaitingAsync(CancellationToken ct)
    {
        for (var before = int.MaxValue; !waiting.IsEmpty && waiting.Count < before;)
        {
            before = waiting.Count;
            var round = waiting.ToArray();
            waiting.Clear();
            foreach (var chunk in round.Chunk(LinesPerTransaction))
                await LinesAsync(chunk, ct);
        }

        foreach (var item in waiting)
        {
            RequestBody.Read(item.Json, FhirFormats.JsonMediaType, out var resource);
            Report(item.Place, (await target.SendAsync(TransactionComposer.FromResources([resource]), ct))!);
        }
    }

    private void Report(string place, FhirFault fault) =>
        faults.Enqueue(new(place, string.Join(" | ", fault.Issues.Take(3).Select(i => i.Expression is null ? i.Text : $"{i.Expression}: {i.Text}"))));
}

/// <summary>Something that was not loaded: where it stands and why.</summary>
internal sealed record ImportFault(string Place, string Text);

internal sealed record ImportSummary(int Files, long Resources, IReadOnlyList<ImportFault> Faults, TimeSpan Elapsed);
