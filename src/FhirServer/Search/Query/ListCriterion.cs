using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary><c>_list</c>: members of stored Lists, or of the lists that a patient's record itself implies (search.html#list, lifecycle.html#current).</summary>
internal sealed class ListCriterion(SearchParameters parameters, CriterionParser criteria, SearchFaults faults)
{
    /// <summary>What makes an entry current, for each functional list and type it can hold.</summary>
    private static readonly Dictionary<string, (string Type, string[] Criteria)[]> Functional = new(StringComparer.Ordinal)
    {
        ["$current-problems"] = [("Condition", ["clinical-status=active,recurrence,relapse", "verification-status:not=refuted,entered-in-error"])],
        ["$current-medications"] = [("MedicationRequest", ["status=active"]), ("MedicationStatement", ["status=active"])],
        ["$current-allergies"] = [("AllergyIntolerance", ["clinical-status=active", "verification-status:not=refuted,entered-in-error"])],
        ["$current-drug-allergies"] =
            [("AllergyIntolerance", ["clinical-status=active", "verification-status:not=refuted,entered-in-error", "category=medication"])],
    };

    /// <param name="isPatientScoped">The search names one patient's record; functional lists make sense there only.</param>
    public async ValueTask<SearchExpression?> ParseAsync(string type, string given, string value, bool isPatientScoped, CancellationToken ct)
    {
        if (value.StartsWith('$'))
            return await FunctionalAsync(type, given, value, isPatientScoped, ct);

        var ids = SearchText.Split(value, ',').ConvertAll(SearchText.Unescape);
        if (ids.Find(id => !ResourceKey.IsId(id)) is { } wrong)
        {
            faults.BadValue(given, $"'{wrong}' names no List: give the id of one, as in _list=42, or one of {string.Join(", ", Functional.Keys)}.");
            return null;
        }

        if (parameters.Find("List", "item") is { Kind: SearchParamType.Reference } item)
            return new SearchExpression.ReverseChain(item, new SearchExpression.Ids(ids));
        throw new InvalidOperationException("R4 defines List.item.");
    }

    private async ValueTask<SearchExpression?> FunctionalAsync(string type, string given, string value, bool isPatientScoped, CancellationToken ct)
    {
        if (!Functional.TryGetValue(value, out var lists))
        {
            var near = NearestName.Of(value, Functional.Keys);
            faults.BadValue(given, $"'{value}' is no list that this server keeps; it keeps {string.Join(", ", Functional.Keys)}." + (near is null ? "" : $" Did you mean '{near}'?"));
            return null;
        }

        if (lists.FirstOrDefault(l => l.Type == type) is not { Type: not null } list)
        {
            faults.BadValue(given, $"'{value}' never holds a {type}; it holds {string.Join(", ", lists.Select(l => l.Type))}.");
            return null;
        }

        if (!isPatientScoped)
        {
            faults.BadValue(given, $"'{value}' is a list of one patient: say whose, as in {type}?patient=42&_list={value}.");
            return null;
        }

        var terms = new List<SearchExpression>();
        foreach (var criterion in list.Criteria)
        {
            var (name, wanted) = (criterion[..criterion.IndexOf('=', StringComparison.Ordinal)], criterion[(criterion.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            if (await criteria.ParseAsync(type, name, wanted, ct) is not { } term)
                return null;
            terms.Add(term);
        }

        return terms is [var only] ? only : new SearchExpression.And(terms);
    }
}
