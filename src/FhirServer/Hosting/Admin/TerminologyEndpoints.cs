using System.Text.Json;
using System.Text.Json.Serialization;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.Terminology;
using FhirEmr.Terminology.Import;
using Microsoft.AspNetCore.Http.Features;

namespace FhirEmr.FhirServer.Hosting.Admin;

/// <summary><c>/admin/terminology</c>: which editions answer, how fresh they are, what changed between two, loading a release and watching it, and taking one out of use.</summary>
internal static class TerminologyEndpoints
{
    private const int MostChanges = 10_000;

    /// <summary>Between two events of a stream: an eye sees no more.</summary>
    private static readonly TimeSpan EventPace = TimeSpan.FromMilliseconds(200);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static void Map(WebApplication app)
    {
        app.MapGet("/admin/terminology/editions", (HttpContext http, Administrators administrators, TerminologyService terminology, TimeProvider clock, CancellationToken ct) =>
            administrators.AnswerAsync(http, () => Results.Json(
                new { Editions = terminology.Standing(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime)), Unreadable = terminology.UnreadableFiles }, Json), ct)).ExcludeFromDescription();
        app.MapGet("/admin/terminology/comparison", (string from, string to, int? limit, HttpContext http, Administrators administrators, TerminologyService terminology, CancellationToken ct) =>
            administrators.AnswerAsync(http, () => terminology.Compare(from, to, Math.Clamp(limit ?? 100, 0, MostChanges)) is { } found
                ? Results.Json(found, Json) : Administrators.Refuse(FaultKind.NotFound, $"There is no edition '{from}' or no '{to}'."), ct)).ExcludeFromDescription();
        app.MapDelete("/admin/terminology/editions/{id}", (string id, HttpContext http, Administrators administrators, TerminologyService terminology, CancellationToken ct) =>
            administrators.AnswerAsync(http, async caller =>
            {
                if (!terminology.Retire(id))
                    return Administrators.Refuse(FaultKind.NotFound, $"There is no imported edition '{id}'.");
                await administrators.RecordAsync(http, caller, "terminology-retired", id);
                return Results.NoContent();
            }, ct)).ExcludeFromDescription();
        app.MapPost("/admin/terminology/imports", AcceptAsync).ExcludeFromDescription();
        app.MapGet("/admin/terminology/imports", (HttpContext http, Administrators administrators, ReleaseImports imports, CancellationToken ct) =>
            administrators.AnswerAsync(http, () => Results.Json(new { Imports = imports.All }, Json), ct)).ExcludeFromDescription();
        app.MapGet("/admin/terminology/imports/{id}", (string id, HttpContext http, Administrators administrators, ReleaseImports imports, CancellationToken ct) =>
            administrators.AnswerAsync(http, () => imports.Find(id) is { } import ? Results.Json(import.Look().Standing, Json) : NoImport(id), ct)).ExcludeFromDescription();
        app.MapGet("/admin/terminology/imports/{id}/events", (string id, HttpContext http, Administrators administrators, ReleaseImports imports, CancellationToken ct) =>
            administrators.AnswerAsync(http, () => imports.Find(id) is { } import ? Results.ServerSentEvents(EventsAsync(import, ct)) : NoImport(id), ct)).ExcludeFromDescription();
    }

    /// <summary>The file is the body, its name and what it does not say itself stand in the address.</summary>
    private static Task<IResult> AcceptAsync(
        string? kind, string? file, string? edition, string? from, string? until, string? notice, HttpContext http, Administrators administrators, ReleaseImports imports, CancellationToken ct)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = ReleaseImports.MostBytes;
        return administrators.AnswerAsync(http, async caller =>
        {
            if (kind is null || !ReleaseNames.Kinds.TryGetValue(kind, out var release))
                return Administrators.Refuse(FaultKind.Invalid, $"kind is {(kind is null ? "missing" : $"'{kind}'")}; it is one of {string.Join(", ", ReleaseNames.Kinds.Keys)}.");
            if (release == ReleaseKind.Snomed)
                return Administrators.Refuse(FaultKind.Invalid, "A SNOMED CT release is a folder: load it on the server with 'fhir-emr terminology import snomed [folder]'.");
            if (string.IsNullOrEmpty(file) || file.Length > 120 || file[0] == '.' || file.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_' or ' ')))
                return Administrators.Refuse(FaultKind.Invalid, "file is the name that the release was published under, without folders: letters, digits, '.', '-' and '_'.");
            if (!TryDay(from, out var first) || !TryDay(until, out var last))
                return Administrators.Refuse(FaultKind.Invalid, "from and until are days, YYYY-MM-DD.");
            if (await imports.AcceptAsync(kind.ToLowerInvariant(), release, file, new(edition, first, last, notice), http.Request.Body, ct) is not { } import)
                return Administrators.Refuse(FaultKind.Conflict, "Too many releases are waiting to be read. Send this one when they are done: GET /admin/terminology/imports.");
            await administrators.RecordAsync(http, caller, "terminology-import", $"{kind} {file}");
            http.Response.Headers.Location = $"{http.Request.PathBase}/admin/terminology/imports/{import.Id}";
            return Results.Json(import.Look().Standing, Json, statusCode: 202);
        }, ct);
    }

    private static async IAsyncEnumerable<System.Net.ServerSentEvents.SseItem<string>> EventsAsync(ReleaseImport import, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var hasEnded = import.HasEnded;
            var (standing, changed) = import.Look();
            yield return new(JsonSerializer.Serialize(standing, Json), hasEnded ? "end" : "progress");
            if (hasEnded)
                yield break;
            await Task.Delay(EventPace, ct);
            await changed.WaitAsync(ct);
        }
    }

    private static bool TryDay(string? text, out DateOnly? day)
    {
        day = DateOnly.TryParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var read) ? read : null;
        return text is null || day is not null;
    }

    private static IResult NoImport(string id) =>
        Administrators.Refuse(FaultKind.NotFound, $"No import '{id}' is known here. What a restart forgot is in /admin/terminology/editions, or can be sent again: the same file changes nothing.");
}
