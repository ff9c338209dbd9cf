using System.Reflection;

namespace FhirEmr.Architecture.Tests.Rooms;

/// <summary>The built projects. By name: most of their types are internal, and the server's assembly is called after its program.</summary>
internal static class Assemblies
{
    public static Assembly Terminology { get; } = Assembly.Load("Terminology");

    public static Assembly BillingBridge { get; } = Assembly.Load("BillingBridge");

    public static Assembly FhirServer { get; } = Assembly.Load("fhir-emr");

    public static IReadOnlyList<Assembly> Ours { get; } = [Terminology, BillingBridge, FhirServer];

    /// <summary>Types that somebody wrote: neither the compiler's nor a source generator's.</summary>
    public static IEnumerable<Type> WrittenTypes(this Assembly assembly) => assembly.GetTypes().Where(type =>
        type.FullName is { } name && !name.Contains('<', StringComparison.Ordinal)
        && !type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute))
        && !type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute)));
}
