using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Patching;

/// <summary>FHIRPath Patch: a Parameters resource with operations add, insert, delete, replace and move, in order.</summary>
/// <remarks>https://hl7.org/fhir/R4/fhirpatch.html. Unreadable ones are 400; one that does not fit the resource is 422. Both name the operation.</remarks>
internal sealed class FhirPathPatch(IReadOnlyList<FhirPathPatchOperation> operations) : PatchDocument
{
    /// <summary>Bytes that may be read again for evaluating paths: each operation sees what the one before it left.</summary>
    private const long MostEvaluated = 64L * 1024 * 1024;

    public static (FhirPathPatch? Patch, FhirFault? Fault) Read(FhirNode parameters)
    {
        var document = (JsonMembers)JsonValue.Parse(parameters.Raw);
        var items = (document["parameter"] as JsonItems)?.Items ?? [];
        if (TooMany(items.Count) is { } many)
            return (null, many);

        var operations = new List<FhirPathPatchOperation>(items.Count);
        foreach (var item in items)
        {
            var at = operations.Count;
            var (operation, why) = FhirPathPatchOperation.Read((JsonMembers)item);
            if (operation is null)
                return (null, FhirFault.Of(FaultKind.Invalid, $"Operation {at} of the patch: {why}", $"Parameters.parameter[{at}]", "structure"));
            operations.Add(operation);
        }

        return (new(operations), null);
    }

    protected override (JsonMembers? Result, FhirFault? Fault) Apply(JsonMembers resource)
    {
        var evaluated = 0L;
        for (var i = 0; i < operations.Count; i++)
        {
            var operation = operations[i];
            var bytes = resource.ToBytes();
            if ((evaluated += bytes.Length) > MostEvaluated)
                return (null, FhirFault.Of(FaultKind.Unprocessable,
                    $"The patch has too many operations for a resource of {bytes.Length / 1024} KiB: send fewer, a JSON Patch, or PUT the resource.", code: "too-costly"));
            if (operation.Apply(resource, bytes) is { } why)
                return (null, FhirFault.Of(FaultKind.Unprocessable, $"Operation {i} of the patch ({operation}): {why}", code: "not-found"));
        }

        return (resource, null);
    }
}
