using System.Globalization;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Kpis.Definitions;
using FhirEmr.BillingBridge.Kpis.Reports;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing.Kpis;

/// <summary><c>$kpi</c>: figures of a period, cut by payer, provider, location or code, with the records behind them.</summary>
internal sealed class KpiOperations(KpiKeeper keeper, SpecialtyTables specialties, BillingSetup setup, IResourceStore store, TimeProvider clock)
{
    private const string Definition = "urn:fhiremr:OperationDefinition:";
    private const int MostRecords = 1_000;

    private static readonly string[] Known =
        ["id", "start", "end", "payer", "payerClass", "provider", "location", "code", "groupBy", "ids", "part", "offset", "count", "cost", "eligibilityDays", "agesFrom", "format"];

    /// <summary>A first reading of many records is not waited for: the answer says that it is behind.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        KpiOperations Kpis() => services.GetRequiredService<KpiOperations>();
        yield return new("kpi", Definition + "kpi", [], false, false, false, (r, ct) => Kpis().FiguresAsync(r, ct));
        yield return new("kpi-rebuild", Definition + "kpi-rebuild", [], false, false, true, (r, ct) => Kpis().RebuildAsync(r, ct));
    }

    private async Task<FhirReply> FiguresAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, Known);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var (query, wrong) = Query(request, input);
        if (wrong is not null)
            return FhirReply.Refuse(wrong);
        if (query!.Kpis.Any(k => k.ComparesSpecialties))
            query = query with { Curves = await specialties.ReadAsync(query.Today, ct) };
        var isCurrent = await keeper.CatchUpAsync(Patience, ct);
        IReadOnlyList<KpiFigure> figures = keeper.Cube.Count(query);
        // Figures are of the whole practice; of the records behind one, those are named that the caller may read anyway.
        if (query.Drill != KpiDrill.None)
            figures = [await ShownAsync(figures[0], request.Caller.Access, ct)];
        switch (input["format"])
        {
            case "csv":
                return File(KpiCsv.Of(query, figures), "text/csv; charset=utf-8", "csv", query);
            case "xlsx":
                return File(KpiWorkbook.Of(query, figures), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", query);
            case "MeasureReport":
                return FhirReply.Of(KpiMeasureReports.Of(query, figures, clock.GetUtcNow()));
            case null or "Parameters":
                var answer = KpiParameters.Of(query, figures, Number(input["offset"]) ?? 0, Math.Min(Number(input["count"]) ?? MostRecords, MostRecords));
                if (!isCurrent)
                    answer.Add("behind", new FhirBoolean(true));
                return FhirReply.Of(answer);
            case var other:
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"format={other} is not known; it is one of Parameters, csv, xlsx, MeasureReport.", code: "value"));
        }
    }

    /// <summary><c>POST $kpi-rebuild</c>: forgets the figures and counts them again from the records, in the background.</summary>
    private async Task<FhirReply> RebuildAsync(FhirRequest request, CancellationToken ct)
    {
        var (_, fault) = OperationInput.Read(request);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        await keeper.ResetAsync(ct);
        return FhirReply.Of(new OperationOutcome
        {
            Issue =
            [
                new()
                {
                    Severity = OperationOutcome.IssueSeverity.Information,
                    Code = OperationOutcome.IssueType.Informational,
                    Details = new CodeableConcept { Text = "The figures are counted again from the records; until that is done, $kpi says behind=true." },
                },
            ],
        });
    }

    private (KpiQuery? Query, FhirFault? Fault) Query(FhirRequest request, OperationInput input)
    {
        var today = setup.Today(clock);
        var (start, wrongStart) = input.Date("start");
        var (end, wrongEnd) = input.Date("end");
        if ((wrongStart ?? wrongEnd) is { } wrong)
            return (null, wrong);
        var last = end ?? today;
        var first = start ?? last.AddDays(-89);
        if (first > last)
            return Refuse($"start={first:yyyy-MM-dd} is after end={last:yyyy-MM-dd}.");

        var kpis = new List<Kpi>();
        foreach (var id in Ids(request))
        {
            if (KpiBook.Find(id) is not { } kpi)
            {
                var near = NearestName.Of(id, KpiBook.All.Select(k => k.Id));
                return Refuse($"There is no KPI '{id}'; {(near is null ? $"there are {string.Join(", ", KpiBook.All.Select(k => k.Id))}" : $"did you mean '{near}'?")}");
            }

            if (!kpis.Contains(kpi))
                kpis.Add(kpi);
        }

        if (!Enum.TryParse<KpiGrouping>(input["groupBy"] ?? "None", ignoreCase: true, out var groupBy) || !Enum.IsDefined(groupBy) || input["groupBy"]?.All(char.IsAsciiDigit) == true)
            return Refuse($"groupBy={input["groupBy"]} is not known; it is one of payer, payerClass, provider, location, code, month.");
        var drill = input["ids"] switch { null or "false" => KpiDrill.None, "true" or "numerator" => KpiDrill.Numerator, "denominator" => KpiDrill.Denominator, "rest" => KpiDrill.Rest, _ => (KpiDrill?)null };
        if (drill is not { } records)
            return Refuse($"ids={input["ids"]} is not known; it is numerator (or true), denominator, or rest.");
        if (records != KpiDrill.None && (kpis.Count != 1 || groupBy != KpiGrouping.None))
            return Refuse("ids names the records behind one figure: ask for one id, and for no groupBy.");
        if (input["agesFrom"] is { } from && from is not ("service" or "bill"))
            return Refuse($"agesFrom={from} is not known; it is service or bill.");
        foreach (var name in (string[])["offset", "count", "eligibilityDays"])
            if (input[name] is { } text && Number(text) is null)
                return Refuse($"{name}={text} is not a number of 0 or more.");
        decimal? cost = null;
        if (input["cost"] is { } entered)
        {
            if (!decimal.TryParse(entered, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var usd))
                return Refuse($"cost={entered} is not an amount: write dollars and cents, as in 1234.50.");
            cost = usd;
        }

        return (new KpiQuery
        {
            Kpis = kpis.Count > 0 ? kpis : KpiBook.Dashboard,
            Start = first,
            End = last,
            Today = today,
            Payer = Reference(input["payer"], "Organization"),
            PayerClass = input["payerClass"],
            Provider = Reference(input["provider"], "Practitioner"),
            Location = Reference(input["location"], "Location"),
            Code = input["code"],
            GroupBy = groupBy,
            Drill = records,
            DrillPart = input["part"],
            BillingCostUsd = cost,
            EligibilityDays = Number(input["eligibilityDays"]) ?? 3,
            AgesFromFirstBill = input["agesFrom"] == "bill",
        }, null);

        static (KpiQuery?, FhirFault?) Refuse(string text) => (null, FhirFault.Of(FaultKind.Invalid, text, code: "value"));
    }

    /// <summary>All values of <c>id</c>, of the address and of the body; several in one with commas between. <c>all</c> is every definition.</summary>
    private static IEnumerable<string> Ids(FhirRequest request)
    {
        var texts = request.Query.Where(p => p.Key == "id").Select(p => p.Value).ToList();
        if (request.Body.Exists)
            foreach (var parameter in request.Body.Children)
                if (FhirNames.Name(parameter.NameId) == "parameter" && parameter.TextOf("name") == "id" && parameter.Child("value") is { Exists: true } value)
                    texts.Add(value.Text);
        return texts.SelectMany(t => t.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .SelectMany(id => id == "all" ? KpiBook.All.Select(k => k.Id) : [id]);
    }

    private async Task<KpiFigure> ShownAsync(KpiFigure figure, AccessPlan access, CancellationToken ct)
    {
        var type = figure.Kpi.CountedType;
        var shown = await store.ReadableAsync(figure.Ids, id => new(type, id[(type.Length + 1)..]), access, ct);
        return figure with { Ids = shown, Withheld = figure.Ids.Count - shown.Count };
    }

    private static string? Reference(string? text, string type) => text is null || text.Contains('/', StringComparison.Ordinal) ? text : $"{type}/{text}";

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static FhirReply File(byte[] content, string type, string extension, KpiQuery query) => new(200)
    {
        Json = content,
        ContentType = type,
        Headers = [("Content-Disposition", $"attachment; filename=\"kpi-{query.Start:yyyy-MM-dd}-{query.End:yyyy-MM-dd}.{extension}\"")],
    };
}
