using System.Text;

namespace FhirEmr.FhirServer.Resources;

/// <summary>FHIRPath of a node inside a resource, made only when an error has to name it.</summary>
internal static class NodePath
{
    public static string Of(FhirNode resource, int nodeIndex)
    {
        var path = new StringBuilder(resource.Type.Name);
        var node = resource;
        while (node.Index != nodeIndex)
        {
            var next = default(FhirNode);
            foreach (var child in node.Children)
                if (child.Index <= nodeIndex)
                    next = child;
            if (!next.Exists)
                break;

            var (index, repeats) = (0, 0);
            foreach (var child in node.Children)
            {
                if (child.NameId != next.NameId)
                    continue;
                if (child.Index < next.Index)
                    index++;
                repeats++;
            }

            path.Append('.').Append(FhirNames.Name(next.NameId));
            if (repeats > 1)
                path.Append('[').Append(index).Append(']');
            node = next;
        }

        return path.ToString();
    }
}
