using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Operations;

/// <summary>One <c>$operation</c>: where it is offered and what runs it.</summary>
/// <param name="Types">Resource types it is offered on; empty means the system.</param>
/// <param name="AffectsState">Only POST may call it.</param>
internal sealed record Operation(
    string Name, string Definition, IReadOnlyList<string> Types, bool OnType, bool OnInstance, bool AffectsState,
    Func<FhirRequest, CancellationToken, Task<FhirReply>> HandleAsync)
{
    /// <summary>
    /// The right a caller needs beside what the store lets it reach. Null for operations that only read and write through the caller's own plan, or
    /// read nothing of the record: whoever may search and read may call those. An operation that says nothing is closed.
    /// </summary>
    public string? Right { get; init; } = "operation:" + Name;

    /// <summary>It is answered later: what is under way is asked for and given up at an address of its own below the operation's.</summary>
    public bool HasJobs { get; init; }

    /// <summary>It can be asked of a past version, too.</summary>
    public bool OnVersion { get; init; }
}

/// <summary>All operations in one visible list; the CapabilityStatement is written from it.</summary>
/// <remarks>https://hl7.org/fhir/R4/operations.html.</remarks>
internal sealed class OperationTable(IReadOnlyList<Operation> operations)
{
    public IEnumerable<Operation> System => operations.Where(o => o.Types.Count == 0);

    public IEnumerable<Operation> OfType(string type) => operations.Where(o => o.Types.Contains(type));

    /// <summary>Whether a call at this address may change the record.</summary>
    public bool AffectsState(FhirTarget target) => operations.Any(o => o.Name == target.Operation && o.AffectsState
        && (target.Type is null ? o.Types.Count == 0 : o.Types.Contains(target.Type)));

    /// <summary>The operation at this address; null when there is none.</summary>
    public Operation? Find(FhirTarget target) => Offered(target).FirstOrDefault(o => o.Name == target.Operation);

    private IEnumerable<Operation> Offered(FhirTarget target) => operations.Where(o => target.Type is null
        ? o.Types.Count == 0
        : o.Types.Contains(target.Type) && (target.Id is null ? o.OnType : o.OnInstance));

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        var offered = Offered(target).ToArray();
        if (offered.FirstOrDefault(o => o.Name == target.Operation) is not { } operation)
        {
            var near = NearestName.Of(target.Operation!, offered.Select(o => o.Name));
            var known = offered.Length == 0 ? "there is none here" : $"offered here: {string.Join(", ", offered.Select(o => "$" + o.Name))}";
            return Refuse(FaultKind.NotFound, $"No operation ${target.Operation} at this address; {(near is null ? known : $"did you mean ${near}?")}");
        }

        if (target.Version is not null && !operation.OnVersion)
            return Refuse(FaultKind.MethodNotAllowed, $"${operation.Name} works on the current version: leave /_history/{target.Version} out. Past versions do not change.");
        if (target.IsOfJob && operation.HasJobs)
            return operation.HandleAsync(request, ct); // it knows its methods
        if (request.Method is not ("GET" or "POST"))
            return Refuse(FaultKind.MethodNotAllowed, $"${operation.Name} is called with {(operation.AffectsState ? "POST" : "GET or POST")}.");
        if (operation.AffectsState && request.Method == "GET")
            return Refuse(FaultKind.MethodNotAllowed, $"${operation.Name} changes the record, so it is called with POST.");
        return operation.HandleAsync(request, ct);
    }

    private static Task<FhirReply> Refuse(FaultKind kind, string text) => Task.FromResult(FhirReply.Refuse(FhirFault.Of(kind, text)));
}
