using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>How far an import is, and all it knows about itself: the job's row keeps it as JSON, and each chunk is committed with it.</summary>
/// <remarks>First every file is brought in whole and held against what the manifest says of it; only then is the first line written.</remarks>
/// <param name="Asked">The address it was asked for at.</param>
/// <param name="Plan">Key of the access plan it was accepted under.</param>
/// <param name="Begun">Milliseconds since 1970 UTC.</param>
internal sealed record ImportProgress(string Asked, string Plan, long Begun, ImportTerms Terms, IReadOnlyList<ImportInput> Inputs)
{
    /// <summary>The import folder of the node that it was asked of: of the same name another folder may have another file.</summary>
    public string? Folder { get; init; }

    /// <summary>When a node first left a file to the others, in milliseconds since 1970 UTC; null while none has.</summary>
    public long? Left { get; init; }

    /// <summary>Index of the file that is written; the number of files when all are.</summary>
    public int At { get; init; }

    /// <summary>Behind the last line that is done.</summary>
    public LinePosition Position { get; init; }

    /// <summary>What was refused; null when nothing was.</summary>
    public ExportFile? Errors { get; init; }

    /// <summary>A surrogate key from before the first line: keys that were reserved for what never came lie behind it.</summary>
    public long FirstSid { get; init; }

    /// <summary>References to what is neither here nor came have been told of.</summary>
    public bool IsChecked { get; init; }

    /// <summary>How many resources are referred to that never came.</summary>
    public int Missing { get; init; }

    /// <summary>Everything is done, and the files that were brought in are gone.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Failures since it last got on.</summary>
    public int Failures { get; init; }

    /// <summary>Why it was given up; null while there is hope, and when it went to its end.</summary>
    public string? Fault { get; init; }

    /// <summary>The fault is the server's own, not that of what was sent.</summary>
    public bool IsOurFault { get; init; }

    /// <summary>All files are in.</summary>
    public bool IsStaged => Inputs.All(i => i.File is not null);

    public long Lines => Inputs.Sum(i => i.Lines);

    public long Refused => Inputs.Sum(i => i.Refused);

    /// <summary>How far it is, in words.</summary>
    /// <param name="state">One of <see cref="JobState"/>.</param>
    public string Said(string state) => state == JobState.Queued ? "waiting"
        : !IsStaged ? string.Create(CultureInfo.InvariantCulture, $"{Inputs.Count(i => i.File is not null)} of {Inputs.Count} files brought in")
        : string.Create(CultureInfo.InvariantCulture, $"{Lines} of {Inputs.Sum(i => i.File!.Count)} lines, {Refused} refused");

    public static ImportProgress Read(string json) => JsonSerializer.Deserialize<ImportProgress>(json)!;

    public string Write() => JsonSerializer.Serialize(this);

    public ImportProgress With(int index, ImportInput input) => this with { Inputs = [.. Inputs.Take(index), input, .. Inputs.Skip(index + 1)] };
}

/// <summary>One file of an import, and what became of its lines.</summary>
/// <param name="Type">The type that each line must have; null for any.</param>
/// <param name="Url">Where it is: https, <c>Binary/[id]</c> of this server, <c>file:</c> below the import folder, or <c>urn:</c> for what came with the request.</param>
internal sealed record ImportInput(string? Type, string Url)
{
    /// <summary>Lines it must have, as the manifest says; null when it does not.</summary>
    public long? Count { get; init; }

    /// <summary>Bytes it must have as it lies there.</summary>
    public long? Size { get; init; }

    /// <summary>SHA-256 it must have as it lies there, in lower-case hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Its content, decompressed; null until it was brought in.</summary>
    public ExportFile? File { get; init; }

    /// <summary>Lines done, blank ones left out: the sum of the following.</summary>
    public long Lines { get; init; }

    public long Created { get; init; }

    public long Updated { get; init; }

    public long Unchanged { get; init; }

    public long Skipped { get; init; }

    public long Refused { get; init; }
}
