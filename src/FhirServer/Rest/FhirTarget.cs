using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Rest;

/// <summary>What a FHIR path addresses: <c>[base]/Type/id/_history/vid/$operation</c> in its legal forms.</summary>
internal sealed record FhirTarget(string? Type, string? Id, int? Version, bool IsHistory, bool IsSearch, string? Operation, bool IsMetadata)
{
    public ResourceKey Key => new(Type!, Id!);

    /// <summary>Reads a path below the base, without leading slash or query; the fault says what is wrong with it.</summary>
    public static FhirTarget? Parse(string path, out FhirFault? fault)
    {
        fault = null;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
            return new(null, null, null, false, false, null, false);

        switch (parts)
        {
            case ["metadata"]:
                return new(null, null, null, false, false, null, true);
            case ["_history"]:
                return new(null, null, null, true, false, null, false);
            case ["_search"]:
                return new(null, null, null, false, true, null, false);
            case [['$', ..] operation]:
                return new(null, null, null, false, false, operation[1..], false);
            case ["$job", var job] when ResourceKey.IsId(job):
                return new(null, job, null, false, false, "job", false);
        }

        var type = parts[0];
        if (!ResourceTypes.Exists(type))
        {
            var near = NearestName.Of(type, ResourceTypes.All);
            fault = FhirFault.Of(FaultKind.NotFound,
                $"'{type}' is not a resource type of FHIR R4{(near is null ? "." : $"; did you mean '{near}'?")}", code: "not-supported");
            return null;
        }

        switch (parts)
        {
            case [_]:
                return new(type, null, null, false, false, null, false);
            case [_, "_search"]:
                return new(type, null, null, false, true, null, false);
            case [_, "_history"]:
                return new(type, null, null, true, false, null, false);
            case [_, ['$', ..] operation]:
                return new(type, null, null, false, false, operation[1..], false);
        }

        var id = parts[1];
        if (!ResourceKey.IsId(id))
        {
            fault = FhirFault.Of(FaultKind.Invalid, $"'{(id.Length > 80 ? id[..80] : id)}' is not an id: ids are 1 to 64 letters, digits, '-' or '.'.", code: "value");
            return null;
        }

        switch (parts)
        {
            case [_, _]:
                return new(type, id, null, false, false, null, false);
            case [_, _, "_history"]:
                return new(type, id, null, true, false, null, false);
            case [_, _, "_history", var version]:
                if (int.TryParse(version, out var number) && number > 0)
                    return new(type, id, number, true, false, null, false);
                fault = FhirFault.Of(FaultKind.NotFound, $"{type}/{id} has no version '{version}': versions are numbered from 1.");
                return null;
            case [_, _, "_history", var past, ['$', ..] operation] when int.TryParse(past, out var then) && then > 0:
                return new(type, id, then, true, false, operation[1..], false);
            case [_, _, ['$', ..] operation]:
                return new(type, id, null, false, false, operation[1..], false);
        }

        fault = FhirFault.Of(FaultKind.NotFound, $"'{path}' is no path of the FHIR API.");
        return null;
    }

    /// <summary>The path again, as <see cref="Parse"/> reads it.</summary>
    public string ToPath() => string.Join('/', ((string?[])
    [
        Type, Operation == "job" ? "$job" : null, Id, IsHistory ? "_history" : null, Version?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        IsSearch ? "_search" : null, IsMetadata ? "metadata" : null, Operation is null or "job" ? null : "$" + Operation,
    ]).Where(part => part is not null));
}
