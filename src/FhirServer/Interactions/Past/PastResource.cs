using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>One version with the index rows it had, against which any criterion without a chain can be tested in memory.</summary>
internal sealed record PastResource(StoredResource Resource, IndexRows Rows, PastContext Context)
{
    public long Sid => Resource.Sid;

    public long Updated => Resource.LastUpdated.ToUnixTimeMilliseconds();

    /// <summary>The patient it is kept with; 0 when with none.</summary>
    public long Owner => Rows.Owners.Count > 0 ? Rows.Owners[0] : 0;

    public bool Matches(SearchExpression where) => where switch
    {
        SearchExpression.And and => and.Terms.All(Matches),
        SearchExpression.Or or => or.Terms.Any(Matches),
        SearchExpression.Not not => !Matches(not.Term),
        SearchExpression.Sids sids => sids.Values.Contains(Sid),
        SearchExpression.OfType of => of.Types.Contains(Resource.Key.Type),
        SearchExpression.LastUpdated updated => (updated.From is not { } from || Updated >= from) && (updated.Before is not { } before || Updated < before),
        SearchExpression.Missing { Shape: { } shape } inside => HasInside(shape, inside.Param) != inside.IsMissing,
        SearchExpression.Body body => body.Test.Matches(StoredContext.Read(Resource).Root),
        _ => RowMatcher.Matches(where, Rows, Resource.Key.Id),
    };

    /// <summary>As the statements of a compartment have it: the dates that stand among the owner's rows.</summary>
    public bool IsIn(CareDates care, long owner)
    {
        var dates = (Rows.Owners.Count == 0 ? owner == 0 : Rows.Owners.Contains(owner)) ? Rows.Dates : [];
        bool Behind(DateRow d) => care.Before is { } before && d.DayLo >= before;
        bool Ahead(DateRow d) => care.From is { } from && d.DayHi <= from;
        var took = dates.FindAll(d => care.When.Contains(d.Param));
        return (took.Count == 0 || took.Exists(d => !Behind(d) && !Ahead(d)))
            && !dates.Exists(d => care.Begins.Contains(d.Param) && Behind(d))
            && !dates.Exists(d => care.Ends.Contains(d.Param) && Ahead(d));
    }

    public bool RefersTo(int param, long target) => Rows.References.Exists(r => r.Param == param && r.Target == target);

    /// <summary>A contained resource has a value: its shape stands among the rows of the resource around it.</summary>
    private bool HasInside(int shape, SearchParam param) => Rows.Tokens.Exists(r => r.Param == shape && Context.HasInShape(r.Hash, param.Number));
}
