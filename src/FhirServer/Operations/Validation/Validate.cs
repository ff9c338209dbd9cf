using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Validation;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Operations.Validation;

/// <summary><c>$validate</c> of a type or an instance: what is wrong with a resource, nothing is stored.</summary>
/// <remarks>
/// https://hl7.org/fhir/R4/resource-operation-validate.html. POST takes the resource itself or Parameters (resource, mode, profile); GET, and POST
/// without a body, take the stored instance. 200 with an OperationOutcome whatever is found; 400 when there is nothing to validate, 404 and
/// 410 when the instance is not there.
/// </remarks>
internal sealed class Validate(IResourceValidator validator, IResourceStore store, RecordRules rules, IOptions<ValidationOptions> options)
{
    /// <summary>References of one resource that are looked up; further ones are judged by their address.</summary>
    private const int MostTargets = 500;

    private const string Definition = "http://hl7.org/fhir/OperationDefinition/Resource-validate";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        yield return new("validate", Definition, ResourceTypes.All, true, true, false, (request, ct) => services.GetRequiredService<Validate>().HandleAsync(request, ct)) { Right = null };
    }

    private async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = ValidateInput.Read(request);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        var target = request.Target;
        if (input.Mode == "delete")
            return target.Id is null
                ? Refuse("mode=delete is asked of an instance: [type]/[id]/$validate.")
                : await DeletionAsync(request, ct);

        var json = input.Resource;
        if (json is null)
        {
            if (target.Id is null)
                return Refuse("Send the resource as the body, or as the parameter 'resource' of Parameters.");
            switch (await store.ReadAsync(target.Key, request.Caller.Access, ct))
            {
                case null:
                    return FhirReply.Refuse(FhirFault.NotFound(target.Key));
                case { IsDeleted: true }:
                    return FhirReply.Refuse(FhirFault.Gone(target.Key));
                case var found:
                    json = found.Json;
                    break;
            }
        }
        else if (ValidateInput.TypeOf(json.Value) is { } type && type != target.Type && ResourceTypes.Exists(type))
        {
            return Refuse($"The address names {target.Type}, but the resource is a {type}.");
        }

        var report = validator.Validate(new(json.Value, input.Profiles), options.Value, ct);
        if (options.Value.References == ReferenceResolution.Store && report.Outward.Count > 0)
            report = validator.Validate(new(json.Value, input.Profiles) { Targets = await TargetsAsync([.. report.Outward.Take(MostTargets)], request.Caller.Access, ct) }, options.Value, ct);
        if (input.Mode == "update" && IdFault(json.Value, target) is { } mismatch)
            report = report with { Issues = [mismatch, .. report.Issues] };
        return FhirReply.Of(ValidationOutcome.Of(report));
    }

    /// <summary>What the caller may see counts as there, and nothing else.</summary>
    private async Task<Dictionary<ResourceKey, FhirNode>> TargetsAsync(ResourceKey[] keys, AccessPlan access, CancellationToken ct)
    {
        var states = await store.LookUpAsync(keys, withBodies: true, access, ct);
        return keys.Select((key, i) => (key, states[i])).ToDictionary(t => t.key, t => t.Item2.Exists && FhirJsonReader.Read(t.Item2.Json, out _) is { } tree ? tree.Root : default);
    }

    private static ValidationIssue? IdFault(ReadOnlyMemory<byte> json, FhirTarget target)
    {
        var id = FhirJsonReader.Read(json, out _)?.Root.TextOf("id");
        var text = id is null ? "An update needs the id of its address in the resource." : target.Id is { } asked && asked != id ? $"The address says id '{asked}', and the resource has another." : null;
        return text is null ? null : new(Severity.Error, Messages.IdMismatch, null, $"{target.Type}.id", text, null, 0, 0);
    }

    /// <summary>Whether a deletion would be refused, or leave references behind that lead nowhere.</summary>
    private async Task<FhirReply> DeletionAsync(FhirRequest request, CancellationToken ct)
    {
        var key = request.Target.Key;
        var state = (await store.LookUpAsync([key], withBodies: false, request.Caller.Access, ct))[0];
        if (!state.Exists)
            return FhirReply.Refuse(state.IsKnown && state.Version > 0 ? FhirFault.Gone(key) : FhirFault.NotFound(key));
        var referrers = await store.ReferrersAsync([state.Sid], [state.Sid], 0, request.Caller.Access, ct);
        List<ValidationIssue> issues = [];
        if (referrers.Total > 0)
            issues.Add(new(rules.OnDeleteReferenced == OnDeleteReferenced.Block ? Severity.Error : Severity.Warning, Messages.DeleteReferenced, null, key.Type,
                $"{referrers.Total} resources refer to {key}; $delete-impact names them.", null, 0, 0));
        return FhirReply.Of(ValidationOutcome.Of(new ValidationReport(issues, [])));
    }

    private static FhirReply Refuse(string text) => FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, text));
}
