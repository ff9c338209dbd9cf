using System.Globalization;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>The file of what an import refused: an OperationOutcome a line, each naming file and line. It goes into the commit of what it tells of.</summary>
internal sealed class ImportErrors(IResourceStore store, EncryptionKeys keys, BodyCodec codec, TimeProvider clock)
{
    /// <summary>Puts the faults of some lines behind those there are.</summary>
    public ImportProgress Add(ImportProgress progress, IEnumerable<ImportItem> items, CommitPlan plan) =>
        Write(progress, [.. items.Where(i => i.Fault is not null).Select(i => Of(progress.Inputs[progress.At], i))], plan);

    /// <summary>Tells of resources that are referred to and never came.</summary>
    public ImportProgress Add(ImportProgress progress, IReadOnlyList<ResourceKey> missing, CommitPlan plan) => Write(progress,
        [.. missing.Select(key => FhirFormats.ToJson(new OperationOutcome { Issue = [new()
        {
            Severity = OperationOutcome.IssueSeverity.Warning,
            Code = OperationOutcome.IssueType.NotFound,
            Diagnostics = $"{key} is referred to, and neither came with this import nor is it here.",
        }] }))], plan);

    /// <summary>Closes the file, so that it can be read.</summary>
    public ImportProgress Close(ImportProgress progress, CommitPlan plan)
    {
        if (progress.Errors is not { IsClosed: false } file)
            return progress;
        using var writer = ExportFileWriter.GoOn(file, keys, codec, plan);
        writer.Close();
        return progress with { Errors = writer.File };
    }

    /// <summary>How a file is called where people read of it: without what may open it.</summary>
    public static string Name(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is not ("file" or "urn")
        ? address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : url;

    private ImportProgress Write(ImportProgress progress, IReadOnlyList<byte[]> outcomes, CommitPlan plan)
    {
        if (outcomes.Count == 0)
            return progress;
        using var writer = progress.Errors is { } file
            ? ExportFileWriter.GoOn(file, keys, codec, plan)
            : ExportFileWriter.Begin("OperationOutcome", ExportFile.Error, store, keys, codec, plan, clock.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (var outcome in outcomes)
        {
            writer.Write(outcome);
            writer.EndLine();
        }

        writer.Flush();
        if (progress.Errors is null)
            plan.Contents.Add(new ContentWrite.Refer(writer.File.Content));
        return progress with { Errors = writer.File };
    }

    private static byte[] Of(ImportInput input, ImportItem item)
    {
        var outcome = item.Fault!.ToOutcome();
        var place = string.Create(CultureInfo.InvariantCulture, $"{Name(input.Url)}:{item.Line.Number}");
        foreach (var issue in outcome.Issue)
        {
            issue.Diagnostics = $"{place}: {issue.Diagnostics}";
            issue.Location = [place];
        }

        return FhirFormats.ToJson(outcome);
    }
}
