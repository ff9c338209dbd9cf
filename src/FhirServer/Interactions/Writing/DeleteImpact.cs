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

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => ReplyAsync([request.Target.Key], request.Caller, ct);

    /// <param name="keys">What would be deleted in one commit; none when a condition finds nothing.</param>
    public async Task<FhirReply> ReplyAsync(IReadOnlyList<ResourceKey> keys, Caller caller, CancellationToken ct)
    {
        var answer = new Parameters();
        if (keys.Count == 0)
        {
            answer.Parameter.Add(Part("outcome", new Code("nothing-matches")));
            return FhirReply.Of(answer);
        }

        var states = await store.LookUpAsync(keys, withBodies: true, caller.Access, ct);
        foreach (var (key, state) in keys.Zip(states))
            if (!state.Exists)
                return FhirReply.Refuse(state.IsKnown && state.Version > 0 ? FhirFault.Gone(key) : FhirFault.NotFound(key));

        long[] sids = [.. states.Select(s => s.Sid)];
        var direct = await store.ReferrersAsync(sids, sids, rules.MaxCascade, caller.Access, ct);
        var isReferred = direct.Total > 0 || (!caller.Access.IsEverything && (await store.ReferrersAsync(sids, sids, 0, SystemPlans.Writing, ct)).Total > 0);
        var (closure, isCut) = await deletions.ClosureAsync(sids, [], rules.MaxCascade, caller.Access, ct);
        answer.Parameter.AddRange(keys.Select(k => Part("resource", new ResourceReference(k.ToString()))));
        answer.Parameter.Add(Part("outcome", new Code(!isReferred ? "deletable" : rules.OnDeleteReferenced switch
        {
            OnDeleteReferenced.Block => "blocked",
            OnDeleteReferenced.Cascade => isCut ? "too-large" : "cascades",
            _ => "leaves-dangling-references",
        })));
        answer.Parameter.Add(Part("referrers", new Integer((int)direct.Total)));
        answer.Parameter.AddRange(direct.Counts.Select(c => new Parameters.ParameterComponent { Name = "referrer", Part = Group(c.Type, c.Count, direct.Some) }));
        answer.Parameter.Add(new() { Name = "cascade", Part = Cascade(closure, isCut) });
        var money = new MoneyTouched();
        foreach (var (key, state) in keys.Zip(states))
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
