using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Membership in the compartment of one resource, as references that the index answers (compartmentdefinition.html).</summary>
internal sealed class CompartmentCriterion(SearchParameters parameters, IReferenceLookup references)
{
    /// <param name="types">The types searched, all of which the compartment can hold.</param>
    public async ValueTask<SearchExpression> ForAsync(ResourceKey focus, IReadOnlyList<string> types, CancellationToken ct)
    {
        var targets = await references.TargetsAsync(focus.Type, focus.Id, ct);
        if (targets.Count == 0)
            return new SearchExpression.Or([]); // unknown here: nothing can refer to it

        // All that belongs to a patient lies among the rows kept for that patient.
        long? owner = focus.Type == "Patient" ? targets[0] : null;
        var terms = new List<SearchExpression>();
        if (types.Contains(focus.Type))
            terms.Add(new SearchExpression.Sids(targets));
        terms.AddRange(types.SelectMany(t => Compartments.Admitting(parameters, focus.Type, t)).Select(p => new SearchExpression.Reference(p, targets) { Owner = owner, IsMembership = true }));
        return new SearchExpression.Or(terms);
    }
}
