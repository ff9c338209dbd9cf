using System.Globalization;

namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>One reindex: the row and what its progress says.</summary>
internal sealed record ReindexJob(ReindexRow Row, ReindexProgress Progress)
{
    public const string Kind = "reindex";

    public const string Waiting = "waiting", Running = "running", Done = "done", Failed = "error";

    /// <summary>The parameter is retired, deleted or defined anew: its rows are being taken away.</summary>
    public const string Removing = "removing";

    public static ReindexJob Read(ReindexRow row) => new(row, ReindexProgress.Read(row.Progress));

    /// <summary>A fresh job for a definition; the attempt tells repeated ones of the same version apart.</summary>
    public static ReindexJob For(Search.Parameters.CustomDefinition definition, string id, long sid, int version, int attempt, long now)
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"{sid}.{version}.{attempt}");
        var progress = new ReindexProgress
        {
            Parameter = id,
            Code = definition.Code,
            IndexKey = $"{definition.Code}~{mark}",
            Fingerprint = definition.Fingerprint,
            Types = definition.Bases,
        };
        return new(new($"{Prefix(sid)}{version}-{attempt}", Waiting, "", 0, now, now, progress.Write()), progress);
    }

    /// <summary>What the ids of all jobs of one SearchParameter begin with.</summary>
    public static string Prefix(long sid) => string.Create(CultureInfo.InvariantCulture, $"param-{sid}-");

    public bool IsOf(long sid) => Row.Id.StartsWith(Prefix(sid), StringComparison.Ordinal);

    public bool IsParameter => Progress.Parameter is not null;

    public bool IsUnfinished => Row.State is Waiting or Running or Removing;

    /// <summary>The row after a change; its version always grows.</summary>
    public ReindexRow With(string state, ReindexProgress progress, string leaseOwner, long leaseUntil, long now) => Row with
    {
        State = state,
        Progress = progress.Write(),
        LeaseOwner = leaseOwner,
        LeaseUntil = leaseUntil,
        Updated = Math.Max(now, Row.Updated + 1),
    };
}
