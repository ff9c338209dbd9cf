using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Kpis.Reports;

/// <summary>Figures as a Parameters resource: what was asked, and for each figure its numbers, its words and, when asked for, the records behind it.</summary>
public static class KpiParameters
{
    /// <param name="skip">So many of the records behind a figure are left out.</param>
    /// <param name="take">At most so many of the others are named; their number is always said.</param>
    public static Parameters Of(KpiQuery query, IReadOnlyList<KpiFigure> figures, int skip = 0, int take = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(figures);
        var answer = new Parameters();
        answer.Add("start", new Date(DateOfService.Text(query.Start)));
        answer.Add("end", new Date(DateOfService.Text(query.End)));
        foreach (var (name, value) in KpiTable.Filters(query))
            answer.Add(name, new FhirString(value));
        foreach (var figure in figures)
            answer.Parameter.Add(Of(figure, skip, take));
        return answer;
    }

    private static Parameters.ParameterComponent Of(KpiFigure figure, int skip, int take)
    {
        var entry = new Parameters.ParameterComponent { Name = "kpi" };
        Add(entry, "id", new Code(figure.Kpi.Id));
        Add(entry, "title", new FhirString(figure.Kpi.Title));
        Add(entry, "howComputed", new FhirString(figure.Kpi.HowComputed));
        if (figure.Group is { } group)
            Add(entry, "group", new FhirString(group));
        Add(entry, "unit", new Code(KpiTable.UnitName(figure.Kpi.Unit)));
        Add(entry, "numerator", new FhirDecimal(figure.Numerator));
        Add(entry, "denominator", new FhirDecimal(figure.Denominator));
        Add(entry, "value", Number(figure.Value));
        foreach (var note in figure.Notes)
            Add(entry, "note", new FhirString(note));
        foreach (var part in figure.Parts)
        {
            var child = new Parameters.ParameterComponent { Name = "part" };
            Add(child, "name", new FhirString(part.Name));
            Add(child, "unit", new Code(KpiTable.UnitName(part.Unit)));
            Add(child, "numerator", new FhirDecimal(part.Numerator));
            Add(child, "denominator", new FhirDecimal(part.Denominator));
            Add(child, "value", Number(part.Value));
            if (part.PeerValue is { } peer)
                Add(child, "peerValue", Number(peer));
            if (part.ZScore is { } z)
                Add(child, "zScore", Number(z));
            if (part.CurveValue is { } curve)
                Add(child, "curveValue", Number(curve));
            if (part.CurveZScore is { } curveZ)
                Add(child, "curveZScore", Number(curveZ));
            entry.Part.Add(child);
        }

        if (figure.Withheld > 0)
            Add(entry, "withheld", new Integer(figure.Withheld));
        if (figure.Ids.Count == 0)
            return entry;
        Add(entry, "total", new Integer(figure.Ids.Count));
        foreach (var id in figure.Ids.Skip(skip).Take(take))
            Add(entry, "record", new ResourceReference(id));
        return entry;
    }

    /// <summary>Nothing to divide by is said so, not left out: zero would be another answer.</summary>
    private static FhirDecimal Number(decimal? value)
    {
        if (value is { } number)
            return new FhirDecimal(KpiTable.Rounded(number));
        var none = new FhirDecimal();
        none.AddExtension("http://hl7.org/fhir/StructureDefinition/data-absent-reason", new Code("not-applicable"));
        return none;
    }

    private static void Add(Parameters.ParameterComponent to, string name, DataType value) => to.Part.Add(new() { Name = name, Value = value });
}
