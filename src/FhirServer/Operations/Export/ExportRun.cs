using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>Writes one chunk of an export after the other: read in a short snapshot, then committed together with how far it came.</summary>
/// <remarks>
/// Bulk Data Access 2.0. No snapshot is held between chunks: everything is taken as it stood at one instant, from the resources or, where they
/// changed since, from their history, so an export may take hours and be gone on with by another process (reliability R-31, R-32).
/// </remarks>
internal sealed class ExportRun(IResourceStore store, IPast past, ContentStore contents, EncryptionKeys keys, BodyCodec codec, TimeProvider clock)
{
    /// <summary>Resources of a chunk, at most (reliability R-32).</summary>
    public int ChunkResources { get; init; } = 1000;

    /// <summary>Bytes of bodies after which a chunk ends early.</summary>
    private const int ChunkBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of lines after which a file is closed and the next begun.</summary>
    private const long FileBytes = 256L * 1024 * 1024;

    /// <summary>A content larger than this is written to a file of its own, which is committed piece by piece.</summary>
    private const long LargeContent = 4 * 1024 * 1024;

    /// <summary>Reads the next chunk and puts it into a plan; what stands in the plan is not done before it is committed.</summary>
    public async Task<(ExportProgress Progress, CommitPlan Plan)> NextAsync(ExportProgress progress, ExportSelection selection, CancellationToken ct)
    {
        var plan = new CommitPlan();
        if (progress.IsWhole)
            return (progress, plan);

        var type = progress.Types[progress.At];
        var (resources, end) = await ReadAsync(progress, selection, type, ct);
        if (type == AccessPlan.Binary && selection.SubsetOf(type) is { } part)
            resources = resources.ConvertAll(r => r.IsDeleted ? r : r with { Json = FhirFormats.Subset(r.Json, part) });
        var kind = progress.IsDeleting ? ExportFile.Deleted : ExportFile.Output;
        var large = resources.Count > 0 ? LargeIn(resources[0]) : null;
        if (large is not null)
            return await LargeAsync(progress, resources[0], large, selection.Access, ct);

        var files = progress.Files.ToList();
        var written = resources.TakeWhile(r => LargeIn(r) is null).ToList();
        if (written.Count > 0)
        {
            var open = files.FindIndex(f => f is { IsClosed: false } && f.Type == type && f.Kind == kind);
            using var writer = open < 0
                ? ExportFileWriter.Begin(type, kind, store, keys, codec, plan, Now)
                : ExportFileWriter.GoOn(files[open], keys, codec, plan);
            written = [.. written.Take(progress.IsDeleting ? Deletions(writer, written) : await LinesAsync(writer, written, selection, ct))];
            writer.Flush();
            if (writer.File.Bytes >= FileBytes)
                writer.Close();
            if (open < 0)
            {
                plan.Contents.Add(new ContentWrite.Refer(writer.File.Content));
                files.Add(writer.File);
            }
            else
            {
                files[open] = writer.File;
            }
        }

        // What did not fit comes with the next chunk.
        progress = progress with { Files = files, Written = progress.Written + written.Count };
        if (written.Count < resources.Count)
            end = ExportPosition.Of(written[^1]);
        return (end == ExportPosition.End ? Turn(progress, type, kind, plan) : progress with { Updated = end.Updated, Sid = end.Sid }, plan);
    }

    /// <summary>Where a type begins.</summary>
    public static ExportPosition StartOf(ExportProgress progress, bool isDeleting) => ByTime(progress, isDeleting) ? ExportPosition.Since(progress.Since ?? 0) : ExportPosition.Start;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>What changed since an instant is found in the order of changes.</summary>
    private static bool ByTime(ExportProgress progress, bool isDeleting) => progress.Since is not null || isDeleting;

    /// <summary>Closes the type's file and goes on to its deletions, or to the next type; behind the last one comes what was left out of the request.</summary>
    private ExportProgress Turn(ExportProgress progress, string type, string kind, CommitPlan plan)
    {
        var files = progress.Files.ToList();
        var open = files.FindIndex(f => f is { IsClosed: false } && f.Type == type && f.Kind == kind);
        if (open >= 0)
        {
            using var writer = ExportFileWriter.GoOn(files[open], keys, codec, plan);
            writer.Close();
            files[open] = writer.File;
        }

        var isDeleting = progress.Since is not null && !progress.IsDeleting;
        var at = isDeleting ? progress.At : progress.At + 1;
        if (at == progress.Types.Count && progress.Ignored.Count > 0)
            files.Add(Warnings(progress, plan));
        var start = StartOf(progress, isDeleting);
        return progress with { Files = files, At = at, IsDeleting = isDeleting, Updated = start.Updated, Sid = start.Sid };
    }

    private ExportFile Warnings(ExportProgress progress, CommitPlan plan)
    {
        using var writer = ExportFileWriter.Begin("OperationOutcome", ExportFile.Error, store, keys, codec, plan, Now);
        writer.Write(FhirFormats.ToJson(new Hl7.Fhir.Model.OperationOutcome
        {
            Issue = [.. progress.Ignored.Select(i => new Hl7.Fhir.Model.OperationOutcome.IssueComponent
            {
                Severity = Hl7.Fhir.Model.OperationOutcome.IssueSeverity.Warning,
                Code = Hl7.Fhir.Utility.EnumUtility.ParseLiteral<Hl7.Fhir.Model.OperationOutcome.IssueType>(i[0]) ?? Hl7.Fhir.Model.OperationOutcome.IssueType.NotSupported,
                Diagnostics = i[1],
            })],
        }));
        writer.EndLine();
        writer.Close();
        plan.Contents.Add(new ContentWrite.Refer(writer.File.Content));
        return writer.File;
    }

    private async Task<(List<StoredResource> Resources, ExportPosition End)> ReadAsync(ExportProgress progress, ExportSelection selection, string type, CancellationToken ct)
    {
        var (access, instant) = (selection.Access, DateTimeOffset.FromUnixTimeMilliseconds(progress.Instant));
        var (isDeleting, byTime) = (progress.IsDeleting, ByTime(progress, progress.IsDeleting));
        var asked = selection.Where.GetValueOrDefault(type);
        var isOwned = selection.IsOwned && type != "Patient" && !(type == "Provenance" && selection.Input.HasAssociated);
        await using var session = await store.OpenAsync(access, ct);
        session.LiftLimit();

        // Deletions have no rows in the index: what they were is looked at one by one.
        var where = isDeleting || asked is null ? null : await past.StableAsync(session, asked, instant, access, ct);
        var rights = isDeleting || type == AccessPlan.Binary ? null : access.Of(type).Where(Interaction.Search);
        var stretch = new ExportStretch(type, progress.Instant, byTime, progress.Position)
        {
            Deleted = isDeleting,
            Where = where is null ? rights : rights is null ? where : new SearchExpression.And([where, rights]),
            IsDriven = selection.IsOfNamed,
            IsOwned = isOwned,
        };
        var current = await StretchAsync(session, ExportSql.Current(store.Dialect, stretch, ChunkResources), ct);
        var end = current.End;
        var changed = await StretchAsync(session, ExportSql.Changed(store.Dialect, stretch, end, ChunkResources), ct);
        if (changed.End.Compare(end, byTime) < 0)
            end = changed.End;

        IReadOnlyList<StoredResource> old = changed.Rows.FindAll(r => ExportPosition.Of(r).Compare(end, byTime) <= 0);
        IReadOnlyList<StoredResource> now = current.Rows.FindAll(r => ExportPosition.Of(r).Compare(end, byTime) <= 0);
        if (isDeleting)
            now = await MatchingAsync(session, await store.ReachableAsync(session, now, Interaction.Search, access, ct), asked, isOwned, instant, access, ct);
        old = await store.ReachableAsync(session, old, Interaction.Search, access, ct);
        old = isDeleting ? await MatchingAsync(session, old, asked, isOwned, instant, access, ct) : await past.MatchingAsync(session, old, asked, isOwned, instant, access, ct);
        return (old.Count == 0 ? [.. now] : [.. now.Concat(old).Order(Comparer<StoredResource>.Create((a, b) => ExportPosition.Of(a).Compare(ExportPosition.Of(b), byTime)))], end);
    }

    /// <summary>The rows of one half, and where it ends: behind everything when there are no more.</summary>
    private async Task<(List<StoredResource> Rows, ExportPosition End)> StretchAsync(IReadSession session, SqlStatement statement, CancellationToken ct)
    {
        var (rows, found) = await new PageBudget(ChunkBytes).QueryAsync(session, statement, r => ResourceRow.Read(r, codec), r => r, ct);
        return (rows, found > rows.Count || found == ChunkResources ? ExportPosition.Of(rows[^1]) : ExportPosition.End);
    }

    /// <summary>Deletions of what matched before: the content that was deleted decides.</summary>
    private async Task<IReadOnlyList<StoredResource>> MatchingAsync(
        IReadSession session, IReadOnlyList<StoredResource> deletions, SearchExpression? where, bool isOwned, DateTimeOffset instant, AccessPlan access, CancellationToken ct)
    {
        if (where is null && !isOwned)
            return deletions;
        var matched = new HashSet<long>();
        foreach (var some in deletions.Chunk(100))
        {
            var before = await session.QueryAsync(ReachSql.Older(store.Dialect, some.Select(d => (d.Sid, d.Version - 1))), r => ResourceRow.Read(r, codec), ct);
            matched.UnionWith((await past.MatchingAsync(session, before.FindAll(v => !v.IsDeleted), where, isOwned, instant, access, ct)).Select(v => v.Sid));
        }

        return [.. deletions.Where(d => matched.Contains(d.Sid))];
    }

    /// <summary>A transaction Bundle that deletes them: one line. All of them fit.</summary>
    private static int Deletions(ExportFileWriter writer, List<StoredResource> deletions)
    {
        writer.Write("{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["u8);
        foreach (var (i, deletion) in deletions.Index())
            writer.Write(Encoding.ASCII.GetBytes($"{(i > 0 ? "," : "")}{{\"request\":{{\"method\":\"DELETE\",\"url\":\"{deletion.Key}\"}}}}"));
        writer.Write("]}"u8);
        writer.EndLine();
        return deletions.Count;
    }

    /// <returns>How many were written: a chunk with large contents ends early.</returns>
    private async Task<int> LinesAsync(ExportFileWriter writer, List<StoredResource> resources, ExportSelection selection, CancellationToken ct)
    {
        var (left, type) = ((long)ChunkBytes, resources[0].Key.Type);
        var subset = type == AccessPlan.Binary ? null : selection.SubsetOf(type);
        for (var i = 0; i < resources.Count; i++)
        {
            if (left < 0)
                return i;
            var json = FhirFormats.Shown(selection.Access.Shown(resources[i], Interaction.Search).Json, subset);
            left -= json.Length;
            if (ReplyBody.MayHaveContent(json.Span) && ContentPointer.Find(json.Span, out var from, out var to) is { } content)
            {
                left -= content.Base64Length;
                Line(writer, json.Span[..from]);
                await foreach (var base64 in Base64Async(content, selection.Access, ct))
                    writer.Write(base64.Span);
                Line(writer, json.Span[to..]);
            }
            else
            {
                Line(writer, json.Span);
            }

            writer.EndLine();
        }

        return resources.Count;
    }

    /// <summary>Stored bytes as one line: outside of strings, which cannot hold one, a line break is as good as nothing.</summary>
    private static void Line(ExportFileWriter writer, ReadOnlySpan<byte> json)
    {
        for (var end = json.IndexOfAny((byte)'\n', (byte)'\r'); end >= 0; end = json.IndexOfAny((byte)'\n', (byte)'\r'))
        {
            writer.Write(json[..end]);
            json = json[(end + 1)..];
        }

        writer.Write(json);
    }

    private static ContentPointer? LargeIn(StoredResource resource) =>
        ReplyBody.MayHaveContent(resource.Json.Span) && ContentPointer.Find(resource.Json.Span, out _, out _) is { Size: > LargeContent } content ? content : null;

    /// <summary>A file of its own for one Binary: its pieces go ahead, and count only when the last commit refers to them.</summary>
    private async Task<(ExportProgress Progress, CommitPlan Plan)> LargeAsync(
        ExportProgress progress, StoredResource binary, ContentPointer content, AccessPlan access, CancellationToken ct)
    {
        _ = ContentPointer.Find(binary.Json.Span, out var from, out var to);
        var plan = new CommitPlan();
        using var writer = ExportFileWriter.Begin(binary.Key.Type, ExportFile.Output, store, keys, codec, plan, Now);
        Line(writer, binary.Json.Span[..from]);
        await foreach (var base64 in Base64Async(content, access, ct))
        {
            writer.Write(base64.Span);
            if (plan.Contents.Count < 4)
                continue;
            await CommitAsync(plan);
            plan.Contents.Clear();
        }

        Line(writer, binary.Json.Span[to..]);
        writer.EndLine();
        writer.Close();
        plan.Contents.Add(new ContentWrite.Refer(writer.File.Content));
        var end = ExportPosition.Of(binary);
        return (progress with { Files = [.. progress.Files, writer.File], Written = progress.Written + 1, Updated = end.Updated, Sid = end.Sid }, plan);
    }

    private async Task CommitAsync(CommitPlan plan)
    {
        if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Stale)
            throw new StorageUnavailableException("A piece of an export could not be stored.");
    }

    /// <summary><c>"data":"..."</c> of a content, a piece at a time.</summary>
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> Base64Async(ContentPointer content, AccessPlan access, [EnumeratorCancellation] CancellationToken ct)
    {
        yield return "\"data\":\""u8.ToArray();
        var (rest, buffer) = (Array.Empty<byte>(), new ArrayBufferWriter<byte>(ContentPointer.PieceBytes + 4));
        await foreach (var piece in contents.ReadAsync(content, 0, content.Size, access, ct))
        {
            // Three bytes are four characters: what does not come out even waits for the next piece.
            buffer.ResetWrittenCount();
            buffer.Write(rest);
            buffer.Write(piece.Span);
            var even = buffer.WrittenCount / 3 * 3;
            rest = buffer.WrittenSpan[even..].ToArray();
            yield return Encode(buffer.WrittenSpan[..even]);
        }

        yield return Encode(rest);
        yield return "\""u8.ToArray();
    }

    private static byte[] Encode(ReadOnlySpan<byte> bytes)
    {
        var encoded = new byte[Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
        Base64.EncodeToUtf8(bytes, encoded, out _, out _);
        return encoded;
    }
}
