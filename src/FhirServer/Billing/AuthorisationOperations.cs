using System.Security.Cryptography;
using System.Text;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Prior authorisation as Da Vinci PAS has it: <c>Claim/$submit</c> asks the payer, <c>Claim/$inquire</c> asks what became of it.</summary>
/// <remarks>
/// Both take a PAS Bundle (its first entry the Claim) or are called on a stored Claim, and answer with a Bundle whose first entry is the
/// ClaimResponse. What a Bundle's Claim refers to must be in this server: the Bundle's copies of it are not stored.
/// </remarks>
/// <param name="authorisations">Null when no channel is configured.</param>
internal sealed class AuthorisationOperations(AuthorisationPipeline? authorisations, IFhirRecords records, IResourceStore store)
{
    private const string Pas = "http://hl7.org/fhir/us/davinci-pas/OperationDefinition/Claim-";
    private const string SubmissionSystem = "urn:fhiremr:pas-submission";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        AuthorisationOperations Authorisations() => services.GetRequiredService<AuthorisationOperations>();
        yield return new("submit", Pas + "submit", ["Claim"], true, true, true, (r, ct) => Authorisations().AskAsync(r, isInquiry: false, ct));
        yield return new("inquire", Pas + "inquiry", ["Claim"], true, true, true, (r, ct) => Authorisations().AskAsync(r, isInquiry: true, ct));
    }

    private async Task<FhirReply> AskAsync(FhirRequest request, bool isInquiry, CancellationToken ct)
    {
        if (authorisations is null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, "No way to a payer is configured (Billing:ChannelFolder): nobody can be asked."));
        if (request.MayNot(isInquiry ? Interaction.Update : Interaction.Create, "Claim") is { } forbidden)
            return FhirReply.Refuse(forbidden);
        var (id, fault) = request.Target.Id is { } instance ? (instance, null) : await OfBundleAsync(request, isInquiry, ct);
        fault ??= await store.ClosedAsync(request, new ResourceKey("Claim", id!), ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        return (isInquiry ? await authorisations.InquireAsync(id!, ct) : await authorisations.SubmitAsync(id!, ct)) switch
        {
            AuthorisationResult.Sent s => Answer(s.Response, request.BaseUrl),
            AuthorisationResult.Known k => Answer(k.Response, request.BaseUrl),
            AuthorisationResult.NoSuchClaim n => FhirReply.Refuse(FhirFault.NotFound(new("Claim", n.ClaimId))),
            AuthorisationResult.NotAsked n => FhirReply.Refuse(new FhirFault(FaultKind.Unprocessable, [.. n.Problems.Select(p => new FaultIssue("business-rule", p.Message, p.Expression))])),
            var result => throw new InvalidOperationException($"{result.GetType().Name} has no answer."),
        };
    }

    /// <summary>The stored Claim of a Bundle: the one it names by id or identifier; a request that is new is stored once.</summary>
    private async Task<(string? Id, FhirFault? Fault)> OfBundleAsync(FhirRequest request, bool isInquiry, CancellationToken ct)
    {
        if (!request.Body.Exists || FhirFormats.Parse(request.Body.Raw) is not { } body || BundleIn(body) is not { Entry: [{ Resource: Claim claim }, ..] } bundle)
            return (null, FhirFault.Of(FaultKind.Invalid, $"${request.Target.Operation} takes a Bundle whose first entry is the Claim, or is called on a stored Claim."));
        var key = SubmissionKey(claim, bundle);
        await foreach (var known in records.SearchAsync<Claim>(BillingKeyQuery(key), ct))
            return (known.Id, null);
        if (isInquiry)
        {
            return claim.Id is { Length: > 0 } id && await records.ReadAsync<Claim>(id, ct) is { Use: ClaimUseCode.Preauthorization }
                ? (id, null)
                : (null, FhirFault.Of(FaultKind.NotFound, "No request like this was submitted here: name its Claim by the identifier it was submitted with."));
        }

        if (claim.Use is not ClaimUseCode.Preauthorization)
            return (null, FhirFault.Of(FaultKind.Unprocessable, "$submit asks for authorisations only (Claim.use preauthorization); claims to be paid are sent by the billing cycle.", "Claim.use"));
        if (await UnknownAsync(claim, bundle, request.Caller.Access, ct) is { } unknown)
            return (null, unknown);
        return await StoreAsync(claim, key, ct);
    }

    private async Task<(string? Id, FhirFault? Fault)> StoreAsync(Claim claim, string key, CancellationToken ct)
    {
        var stored = (Claim)claim.DeepCopy();
        (stored.Id, stored.Meta) = (null, null);
        stored.Identifier.Add(new Identifier(SubmissionSystem, key));
        var transaction = new Bundle
        {
            Type = Bundle.BundleType.Transaction,
            Entry =
            [
                new Bundle.EntryComponent
                {
                    FullUrl = $"urn:uuid:{Guid.NewGuid():D}",
                    Resource = stored,
                    Request = new Bundle.RequestComponent { Method = Bundle.HTTPVerb.POST, Url = "Claim", IfNoneExist = BillingKeyQuery(key) },
                },
            ],
        };
        return await records.CommitAsync(transaction, ct) switch
        {
            CommitOutcome.Committed c => (IdIn(c.Response.Entry[0].Response?.Location), null),
            CommitOutcome.Refused r => (null, FhirFault.Of(FaultKind.Unprocessable, r.Outcome.Issue.FirstOrDefault()?.Details?.Text ?? r.Outcome.Issue.FirstOrDefault()?.Diagnostics ?? "The Claim cannot be stored.")),
            _ => (null, FhirFault.Busy("The same request is being submitted by somebody else.")),
        };
    }

    /// <summary>References by the Bundle's addresses become those of this server; one that is not here, or not the caller's to read, is named.</summary>
    private async Task<FhirFault?> UnknownAsync(Claim claim, Bundle bundle, AccessPlan access, CancellationToken ct)
    {
        foreach (var reference in References(claim))
        {
            var target = reference.Reference;
            var entry = bundle.Entry.Find(e => e.FullUrl == target && e.Resource is { Id.Length: > 0 });
            if (entry is not null)
                target = $"{entry.Resource!.TypeName}/{entry.Resource.Id}";
            if (!ResourceKey.TryParseRelative(target, out var key, out _))
                return FhirFault.Of(FaultKind.Unprocessable, $"{reference.Reference} is no resource of this server: store it here and refer to it as Type/id.");
            if (await store.ReadAsync(key, access, ct) is not { IsDeleted: false })
                return FhirFault.Of(FaultKind.Unprocessable, $"{key} is not known here: what a request refers to must be in this server before it is submitted.");
            reference.Reference = $"{key}";
        }

        return null;
    }

    private static IEnumerable<ResourceReference> References(Claim claim) =>
        ((ResourceReference?[])
        [
            claim.Patient, claim.Provider, claim.Insurer, claim.Facility, claim.Enterer,
            .. claim.Insurance.Select(i => i.Coverage), .. claim.CareTeam.Select(c => c.Provider), .. claim.Item.SelectMany(i => i.Encounter),
        ]).OfType<ResourceReference>().Where(r => r.Reference is { Length: > 0 });

    private static Bundle? BundleIn(Resource body) => body switch
    {
        Bundle bundle => bundle,
        Parameters parameters => parameters.Parameter.Find(p => p.Name == "resource")?.Resource as Bundle,
        _ => null,
    };

    /// <summary>The same request by its own identifier, else by what it says.</summary>
    private static string SubmissionKey(Claim claim, Bundle bundle)
    {
        var own = claim.Identifier.Find(i => i.Value is { Length: > 0 }) ?? (bundle.Identifier is { Value.Length: > 0 } of ? of : null);
        return Convert.ToHexStringLower(SHA256.HashData(own is not null ? Encoding.UTF8.GetBytes($"{own.System}|{own.Value}") : FhirFormats.ToJson(claim)));
    }

    private static string BillingKeyQuery(string key) => $"identifier={SubmissionSystem}|{key}";

    private static string? IdIn(string? location)
    {
        var parts = location?.Split('/') ?? [];
        var type = Array.LastIndexOf(parts, "Claim");
        return type >= 0 && type + 1 < parts.Length ? parts[type + 1] : null;
    }

    private static FhirReply Answer(ClaimResponse response, string baseUrl) => FhirReply.Of(new Bundle
    {
        Type = Bundle.BundleType.Collection,
        Timestamp = response.Meta?.LastUpdated,
        Entry = [new Bundle.EntryComponent { FullUrl = $"{baseUrl}/ClaimResponse/{response.Id}", Resource = response }],
    });
}
