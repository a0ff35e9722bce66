using System.Text;
using Akka.Configuration.Hocon.Syntax;

namespace Akka.Configuration.Hocon.Resolution;

internal sealed partial class Resolver
{
    private const int TextLengthMax = 1 << 20;

    private Resolved Concatenated(ConcatNode node)
    {
        var parts = new List<(Node Node, Resolved Value)>();
        foreach (var part in node.Parts)
        {
            if (part is GapNode)
                parts.Add((part, Resolved.Nothing));
            else if (Value(part) is { Value: not null } value)
                parts.Add((part, value));
        }
        var values = parts.Where(p => p.Node is not GapNode).Select(p => p.Value).ToList();
        if (values.Count == 0)
            return Resolved.Nothing;
        if (values.Count == 1 && (values[0].Object is not null || values[0].IsArray))
            return values[0];
        if (values.TrueForAll(v => v.Object is not null))
            return values.Aggregate((below, above) => Layered(above, below, node.Origin));
        if (values.TrueForAll(v => v.IsArray))
            return JoinedArray(node, values);
        if (values.Exists(v => v.Object is not null || v.IsArray))
            throw node.Origin.Error("texts, arrays and objects cannot stand beside each other in one value");
        return JoinedText(node, parts);
    }

    private static Resolved JoinedArray(Node node, List<Resolved> arrays)
    {
        var joined = new HoconArray();
        foreach (var array in arrays)
            joined.AddRange(array.Value!.GetArray());
        return new Resolved(
            HoconValue.Of(joined, node.Origin),
            arrays.Max(a => a.Depth),
            arrays.Aggregate(1, (sum, a) => Math.Min(WorkMax, sum + a.Size))
        );
    }

    // The space beside an optional reference that leads nowhere stays, except at the ends.
    private Resolved JoinedText(Node node, List<(Node Node, Resolved Value)> parts)
    {
        if (parts.Count == 1)
            return parts[0].Value;
        var text = new StringBuilder();
        var first = parts.FindIndex(p => p.Node is not GapNode);
        var last = parts.FindLastIndex(p => p.Node is not GapNode);
        foreach (var (part, value) in parts[first..(last + 1)])
        {
            text.Append(part is GapNode gap ? gap.Text : value.Value!.GetString() ?? "null");
            if (text.Length > TextLengthMax)
                throw node.Origin.Error($"the text is longer than {TextLengthMax} characters");
        }
        // Long texts count for more: doubling a text again and again is as hostile as doubling an array.
        var size = 1 + text.Length / 16;
        return new(HoconValue.Of(new HoconLiteral { Value = text.ToString() }, node.Origin), 1, size);
    }
}
