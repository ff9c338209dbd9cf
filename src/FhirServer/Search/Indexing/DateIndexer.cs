using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Dates, times, periods and timings → date rows (search.html#date). A Timing gets one row per event: any may match.</summary>
internal static class DateIndexer
{
    /// <summary>False when the datatype is no date.</summary>
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        switch (Datatypes.Of(node))
        {
            case Datatype.Date:
                if (Range(node, rows.Zone) is { } range)
                    rows.Date(emission, range);
                return true;
            case Datatype.Period:
                Period(node, emission, rows);
                return true;
            case Datatype.Timing:
                foreach (var child in node.Children)
                    if (child.NameId == ElementNames.Event && child.HasValue && Range(child, rows.Zone) is { } moment)
                        rows.Date(emission, moment);
                if (node.Child(ElementNames.Repeat) is { Exists: true } repeat
                    && repeat.Child(ElementNames.Bounds) is { Exists: true } bounds && Datatypes.Of(bounds) == Datatype.Period)
                    Period(bounds, emission, rows);
                return true;
            default:
                return false;
        }
    }

    private static void Period(FhirNode node, Emission emission, RowWriter rows)
    {
        var start = Range(node.Child(ElementNames.Start), rows.Zone);
        var end = Range(node.Child(ElementNames.End), rows.Zone);
        if (start is not null || end is not null)
            rows.Date(emission, DateRange.Between(start, end));
    }

    private static DateRange? Range(FhirNode node, TimeZoneInfo zone) =>
        node.Exists && FhirDate.TryParse(node.Utf8, out var date) ? DateRange.Covering(date, zone) : null;
}
