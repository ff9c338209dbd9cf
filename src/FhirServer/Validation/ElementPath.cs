using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation;

/// <summary>Where the walk is: from the resource down to the element, written out only when something has to be said.</summary>
internal sealed class ElementPath
{
    private readonly List<(int NameId, int Index, bool IsChoice, FhirNode Node)> steps = [];

    public int Depth => steps.Count;

    public void Push(int nameId, int index, bool isChoice, FhirNode node) => steps.Add((nameId, index, isChoice, node));

    public void Pop() => steps.RemoveAt(steps.Count - 1);

    /// <summary>The node <paramref name="up"/> steps above the current one; 0 is the current one itself.</summary>
    public FhirNode Node(int up) => up < steps.Count ? steps[^(up + 1)].Node : default;

    public int NameId(int up) => up < steps.Count ? steps[^(up + 1)].NameId : 0;

    /// <param name="child">An element that is not there, or null for the current one.</param>
    public string Write(string? child = null)
    {
        if (steps.Count == 0)
            return child ?? "";
        var text = new StringBuilder(steps[0].Node.Type.Name);
        for (var i = 1; i < steps.Count; i++)
        {
            var (nameId, index, isChoice, node) = steps[i];
            text.Append('.').Append(FhirNames.Name(nameId));
            if (isChoice && node.Exists && node.Kind != NodeKind.PrimitiveElement)
                text.Append(".ofType(").Append(node.Type.Name).Append(')');
            if (index >= 0)
                text.Append(CultureInfo.InvariantCulture, $"[{index}]");
        }

        if (child is not null)
            text.Append('.').Append(child);
        return text.ToString();
    }
}
