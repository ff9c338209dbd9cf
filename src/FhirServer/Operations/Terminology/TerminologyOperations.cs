namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary>The operations on codes, value sets and maps, where each is offered. They read no records: whoever may call the server may ask.</summary>
internal static class TerminologyOperations
{
    private const string Definitions = "http://hl7.org/fhir/OperationDefinition/";

    public static void AddTerminologyOperations(this IServiceCollection services)
    {
        services.AddSingleton<Lookup>();
        services.AddSingleton<ValidateCode>();
        services.AddSingleton<Subsumes>();
        services.AddSingleton<Expand>();
        services.AddSingleton<Translate>();
        services.AddSingleton<Closure>();
    }

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        T The<T>() where T : notnull => services.GetRequiredService<T>();
        yield return new("lookup", Definitions + "CodeSystem-lookup", ["CodeSystem"], true, true, false, (r, ct) => The<Lookup>().HandleAsync(r, ct)) { Right = null };
        yield return new("validate-code", Definitions + "CodeSystem-validate-code", ["CodeSystem"], true, true, false, (r, ct) => The<ValidateCode>().InSystemAsync(r, ct)) { Right = null };
        yield return new("subsumes", Definitions + "CodeSystem-subsumes", ["CodeSystem"], true, true, false, (r, ct) => The<Subsumes>().HandleAsync(r, ct)) { Right = null };
        yield return new("find-matches", Definitions + "CodeSystem-find-matches", ["CodeSystem"], true, true, false, (r, ct) => The<Subsumes>().FindMatchesAsync(r, ct)) { Right = null };
        yield return new("expand", Definitions + "ValueSet-expand", ["ValueSet"], true, true, false, (r, ct) => The<Expand>().HandleAsync(r, ct)) { Right = null };
        yield return new("validate-code", Definitions + "ValueSet-validate-code", ["ValueSet"], true, true, false, (r, ct) => The<ValidateCode>().InValueSetAsync(r, ct)) { Right = null };
        yield return new("translate", Definitions + "ConceptMap-translate", ["ConceptMap"], true, true, false, (r, ct) => The<Translate>().HandleAsync(r, ct)) { Right = null };
        yield return new("closure", Definitions + "ConceptMap-closure", [], false, false, false, (r, ct) => The<Closure>().HandleAsync(r, ct)) { Right = null };
        yield return new("closure", Definitions + "ConceptMap-closure", ["ConceptMap"], true, false, false, (r, ct) => The<Closure>().HandleAsync(r, ct)) { Right = null };
    }
}
