namespace FhirEmr.Architecture.Tests.Rooms;

/// <summary>Names that say nothing about the subject are not used: a type belongs to the room whose subject it is.</summary>
public sealed class NameTests
{
    private static readonly string[] EmptyEndings = ["Helper", "Helpers", "Manager", "Util", "Utils", "Utility", "Utilities"];
    private static readonly string[] EmptyRooms = ["Common", "Core", "Shared", "Utils", "Helpers", "Managers", "Misc"];

    [Fact]
    public void No_type_is_a_helper_or_a_manager() => None(Written.Where(type => EmptyEndings.Any(ending => Simple(type).EndsWith(ending, StringComparison.Ordinal))));

    [Fact]
    public void No_room_or_type_is_called_common() => None(Written.Where(type =>
        type.Namespace!.Split('.').Append(Simple(type)).Any(part => EmptyRooms.Contains(part, StringComparer.Ordinal))));

    [Fact]
    public void Every_namespace_begins_with_its_project() => Assert.All(Assemblies.Ours, assembly =>
        None(assembly.WrittenTypes().Where(type => type.Namespace is { } space && space.StartsWith("FhirEmr.", StringComparison.Ordinal)
            && !($"{space}.").StartsWith($"FhirEmr.{Project(assembly)}.", StringComparison.Ordinal))));

    private static IEnumerable<Type> Written =>
        Assemblies.Ours.SelectMany(assembly => assembly.WrittenTypes()).Where(type => type.Namespace?.StartsWith("FhirEmr.", StringComparison.Ordinal) == true);

    private static string Project(System.Reflection.Assembly assembly) => assembly.GetName().Name == "fhir-emr" ? "FhirServer" : assembly.GetName().Name!;

    private static string Simple(Type type) => type.Name.Split('`')[0];

    private static void None(IEnumerable<Type> types) => Assert.True(!types.Any(), string.Join(Environment.NewLine, types.Select(type => type.FullName)));
}
