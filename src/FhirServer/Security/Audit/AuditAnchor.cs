using System.Globalization;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>The last head of each chain beside the secrets, outside the database: who cuts the end off the tables does not reach it.</summary>
internal static class AuditAnchor
{
    public static void Write(string folder, int node, long ordinal, byte[] head)
    {
        var path = PathOf(folder, node);
        System.IO.File.WriteAllText(path + ".new", string.Create(CultureInfo.InvariantCulture, $"{ordinal} {Convert.ToHexStringLower(head)}\n"));
        System.IO.File.Move(path + ".new", path, overwrite: true);
    }

    public static (long Ordinal, byte[] Head)? Read(string folder, int node)
    {
        if (!System.IO.File.Exists(PathOf(folder, node)))
            return null;
        var parts = System.IO.File.ReadAllText(PathOf(folder, node)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return parts is [var ordinal, { Length: 64 } head] && long.TryParse(ordinal, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number, Convert.FromHexString(head)) : null;
    }

    /// <summary>Nodes that have one.</summary>
    public static IEnumerable<int> Nodes(string folder) => !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "audit-head-*")
        .Select(path => int.TryParse(Path.GetFileName(path)["audit-head-".Length..], out var node) ? node : 0).Where(node => node > 0);

    private static string PathOf(string folder, int node) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"audit-head-{node}"));
}
