using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>How a deletion is asked for, beside what: <c>_cascade=delete</c> (or <c>X-Cascade: delete</c>), <c>_dryRun=true</c>.</summary>
/// <param name="Condition">The other parameters: the search that finds the resource.</param>
internal sealed record DeleteControls(bool IsCascade, bool IsDryRun, IReadOnlyList<KeyValuePair<string, string>> Condition, FhirFault? Fault)
{
    public static DeleteControls Read(FhirRequest request, RecordRules rules)
    {
        var (cascade, dryRun) = (request.Cascade?.Trim(), (string?)null);
        var condition = new List<KeyValuePair<string, string>>();
        foreach (var parameter in request.Query)
            switch (parameter.Key)
            {
                case "_cascade": cascade = parameter.Value; break;
                case "_dryRun": dryRun = parameter.Value; break;
                default: condition.Add(parameter); break;
            }

        FhirFault? fault = null;
        if (cascade is not (null or "delete" or "none"))
            fault = FhirFault.Of(FaultKind.Invalid, $"_cascade={cascade} cannot be read: it is 'delete' or 'none'.");
        else if (cascade == "delete" && !rules.AllowCascade)
            fault = FhirFault.Of(FaultKind.Forbidden, "A request may not ask for a cascade here: Records:AllowCascade is off.");
        else if (dryRun is not (null or "true" or "false"))
            fault = FhirFault.Of(FaultKind.Invalid, $"_dryRun={dryRun} cannot be read: it is 'true' or 'false'.");
        return new(cascade == "delete", dryRun == "true", condition, fault);
    }
}
