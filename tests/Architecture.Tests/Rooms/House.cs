using System.Reflection;
using NetArchTest.Rules;

namespace FhirEmr.Architecture.Tests.Rooms;

/// <summary>A set of assemblies laid out in rooms, held against the arrows between them.</summary>
/// <remarks>It reads the compiled code, where constants leave no trace: a URL shared as <c>const</c> is not a use of its room.</remarks>
internal sealed class House
{
    private const string Prefix = "FhirEmr.";
    private readonly Room[] rooms;
    private readonly ILookup<Room?, string> typesByRoom;
    private readonly Dictionary<Assembly, Types> assemblies;

    public House(IReadOnlyList<Assembly> assemblies, IReadOnlyList<Room> rooms)
    {
        this.rooms = [.. rooms.OrderByDescending(room => room.Name.Length)];
        this.assemblies = assemblies.ToDictionary(assembly => assembly, assembly => Types.InAssembly(assembly));
        typesByRoom = assemblies.SelectMany(assembly => assembly.WrittenTypes()).Where(type => !type.IsNested)
            .ToLookup(type => RoomOf(type.Namespace), type => type.FullName!);
    }

    /// <summary>Types that lie in no room of the plan.</summary>
    public IReadOnlyList<string> Homeless => [.. typesByRoom[null].Order(StringComparer.Ordinal)];

    /// <summary>Each use that the room's arrows do not draw, as "type uses type"; empty when the room keeps to them.</summary>
    public IReadOnlyList<string> Violations(Room room)
    {
        if (room.MayUseEverything)
            return [];

        var closed = rooms.Where(other => other != room && !room.MayUse.Contains(other.Name)).SelectMany(other => typesByRoom[other])
            .Where(type => !room.MayUseTypes.Any(allowed => IsOf(type, allowed))).ToArray();
        return
        [
            .. assemblies.Keys.Where(assembly => assembly.GetTypes().Any(type => RoomOf(type.Namespace) == room)).SelectMany(assembly => Uses(assembly, room, closed))
                .Where(use => !room.Except.Any(e => use.User == Prefix + e.Key && e.Value.Any(allowed => IsOf(use.Type, allowed))))
                .Select(use => $"{use.User} uses {use.Type}").Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Names in the arrows that are no room and no type: a misspelt arrow would allow nothing, or hide a change.</summary>
    public IReadOnlyList<string> UnknownNames => [.. rooms.SelectMany(room => room.MayUse.Where(name => !rooms.Any(r => r.Name == name))
        .Concat(room.MayUseTypes.Concat(room.Except.SelectMany(e => e.Value.Append(e.Key))).Where(name =>
            !rooms.Any(r => r.Name == name) && !typesByRoom.Any(group => group.Contains(Prefix + name))))
        .Select(name => $"{room.Name}: {name}"))];

    // NetArchTest tells who broke a rule, not with what: halving the list of closed types finds it in few questions.
    private IEnumerable<(string User, string Type)> Uses(Assembly assembly, Room room, string[] closed)
    {
        if (closed.Length == 0)
            return [];
        var users = UsersIn(assembly, room, closed);
        return users.Count == 0 || closed.Length == 1
            ? users.Select(user => (user, closed[0]))
            : Uses(assembly, room, closed[..(closed.Length / 2)]).Concat(Uses(assembly, room, closed[(closed.Length / 2)..]));
    }

    private HashSet<string> UsersIn(Assembly assembly, Room room, string[] dependencies)
    {

        // A nested type has no namespace of its own that NetArchTest could choose by: all are asked, and sorted afterwards.
        var failing = assemblies[assembly].That().ResideInNamespaceStartingWith(Prefix + room.Name).Or().AreNested().ShouldNot().HaveDependencyOnAny(dependencies).GetResult().FailingTypes ?? [];
        return [.. failing.Select(Outermost).Where(type => RoomOf(type.Namespace) == room).Select(type => type.FullName!)];
    }

    private Room? RoomOf(string? space) => Array.Find(rooms, room => space is not null && IsWithin(space, Prefix + room.Name));

    private bool IsOf(string type, string allowed) =>
        type == Prefix + allowed || (Array.Find(rooms, room => room.Name == allowed) is { } room && typesByRoom[room].Contains(type));

    private static bool IsWithin(string name, string space) =>
        name.StartsWith(space, StringComparison.Ordinal) && (name.Length == space.Length || name[space.Length] == '.');

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
