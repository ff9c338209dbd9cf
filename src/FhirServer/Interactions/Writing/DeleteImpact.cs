using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary><c>$delete-impact</c> and <c>DELETE ...?_dryRun=true</c>: what a deletion would meet. Changes nothing.</summary>
/// <remarks>
/// Answers Parameters: <c>referrer</c> by type with count and samples, <c>cascade</c> with what a cascade would delete, and <c>money</c>
/// by currency where claims, their answers, payments, accounts or invoices are touched.
/// </remarks>
internal sealed class DeleteImpact(IResourceStore store, RecordRules rules, LocalAddress address)
{
    private const int SamplesPerType = 5;
    private readonly DeleteRules deletions = new(store, rules, address);

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => ReplyAsync(request.Target.Key, request.Caller, ct);

    public async Task<FhirReply> ReplyAsync(ResourceKey? target, Caller caller, CancellationToken ct)
    {
        var answer = new Parameters();
        if (target is not { } key)
        {
            answer.Parameter.Add(Part("outcome", new Code("nothing-matches")));
            return FhirReply.Of(answer);
        }

        var state = (await store.LookUpAsync([key], withBodies: true, caller.Access, ct))[0];
        if (!state.IsKnown || state.Version == 0)
            return FhirReply.Refuse(FhirFault.NotFound(key));
        if (!state.Exists)
            return FhirReply.Refuse(FhirFault.Gone(key));

        var direct = await store.ReferrersAsync([state.Sid], [state.Sid], rules.MaxCascade, caller.Access, ct);
        var (closure, isCut) = await deletions.ClosureAsync([state.Sid], [], rules.MaxCascade, caller, ct);
        answer.Parameter.Add(Part("resource", new ResourceReference(key.ToString())));
        answer.Parameter.Add(Part("outcome", new Code(direct.Total == 0 ? "deletable" : rules.OnDeleteReferenced switch
        {
            OnDeleteReferenced.Block => "blocked",
            OnDeleteReferenced.Cascade => isCut ? "too-large" : "cascades",
            _ => "leaves-dangling-references",
        })));
        answer.Parameter.Add(Part("referrers", new Integer((int)direct.Total)));
        answer.Parameter.AddRange(direct.Counts.Select(c => new Parameters.ParameterComponent { Name = "referrer", Part = Group(c.Type, c.Count, direct.Some) }));
        answer.Parameter.Add(new() { Name = "cascade", Part = Cascade(closure, isCut) });
        var money = new MoneyTouched();
        money.Add(key.Type, state.Json);
        foreach (var some in closure.Where(r => MoneyTouched.Counts(r.Key.Type)).Chunk(200))
            foreach (var (referrer, current) in some.Zip(await store.LookUpAsync([.. some.Select(r => r.Key)], withBodies: true, caller.Access, ct)))
                if (current.Exists)
                    money.Add(referrer.Key.Type, current.Json);
        answer.Parameter.AddRange(money.Sums.Select(m => new Parameters.ParameterComponent
        {
            Name = "money",
            Part = [Part("what", new FhirString(m.What)), Part("currency", new Code(m.Currency)), Part("amount", new FhirDecimal(m.Amount)), Part("resources", new Integer(m.Count))],
        }));
        return FhirReply.Of(answer);
    }

    private static List<Parameters.ParameterComponent> Group(string type, long count, IReadOnlyList<Referrer> some) =>
    [
        Part("type", new Code(type)), Part("count", new Integer((int)count)),
        .. some.Where(r => r.Key.Type == type).Take(SamplesPerType).Select(r => Part("sample", new ResourceReference(r.Key.ToString()))),
    ];

    private static List<Parameters.ParameterComponent> Cascade(IReadOnlyList<Referrer> closure, bool isCut) =>
    [
        Part("count", new Integer(closure.Count)), Part("isComplete", new FhirBoolean(!isCut)),
        .. closure.GroupBy(r => r.Key.Type).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new Parameters.ParameterComponent
        {
            Name = "type",
            Part = [Part("type", new Code(g.Key)), Part("count", new Integer(g.Count()))],
        }),
    ];

    private static Parameters.ParameterComponent Part(string name, DataType value) => new() { Name = name, Value = value };
}
