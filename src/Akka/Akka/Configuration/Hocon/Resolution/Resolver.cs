using Akka.Configuration.Hocon.Syntax;

namespace Akka.Configuration.Hocon.Resolution;

/// <summary>Replaces substitutions by what they stand for.</summary>
/// <remarks>
/// Each field has the list of values that were given to it. While one of them is worked out, a reference back to the field
/// means the values before it; where there are none the reference runs in a circle. A circle, deep nesting, and values that
/// multiply each other end in an error, for a text can be hostile.
/// </remarks>
internal sealed partial class Resolver(ObjectNode root)
{
    private const int NestingMax = 600;
    private const int DepthMax = 400;
    private const int WorkMax = 4_000_000;

    private readonly Dictionary<Node, Resolved> finished = [];
    private readonly Dictionary<Node, int> underWay = [];
    private int nesting;
    private int work;

    // The outermost unfinished node whose absence a result rests on: such a result holds only within that node.
    private int restsOn = int.MaxValue;

    public HoconValue ResolveAll() => Value(root).Value!;

    /// <summary>What the values given to one field come to; objects merge, anything else hides what was before.</summary>
    private Resolved Combined(IReadOnlyList<Node> values)
    {
        var result = Resolved.Nothing;
        for (var i = LastUsable(values); i >= 0; i--)
        {
            var value = Value(values[i]);
            if (value.Value is null)
                continue;
            if (result.Value is null)
                result = value;
            else if (value.Object is not null)
                result = Layered(result, value, values[i].Origin);
            if (value.Object is null)
                break;
        }
        return result;
    }

    private int LastUsable(IReadOnlyList<Node> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (!IsUnderWay(values[i]))
                continue;
            return i - 1;
        }
        return values.Count - 1;
    }

    private bool IsUnderWay(Node node)
    {
        if (!underWay.TryGetValue(node, out var order))
            return false;
        restsOn = Math.Min(restsOn, order);
        return true;
    }

    private Resolved Value(Node node)
    {
        if (node is LiteralNode literal)
            return Spend(new(HoconValue.Of(new HoconLiteral { Value = literal.Text }, node.Origin), 1, 1), node.Origin);
        if (finished.TryGetValue(node, out var known))
            return Spend(known, node.Origin);
        var order = Enter(node);
        var outerRest = restsOn;
        restsOn = int.MaxValue;
        var result = Spend(
            node switch
            {
                ObjectNode fields => Object(fields),
                ArrayNode array => Array(array),
                ConcatNode parts => Concatenated(parts),
                SubstitutionNode reference => Referenced(reference),
                ResolvedNode ready => Measured(ready.Value, 0),
                _ => Resolved.Nothing,
            },
            node.Origin
        );
        Leave(node);
        if (restsOn >= order)
        {
            finished[node] = result;
            restsOn = int.MaxValue;
        }
        restsOn = Math.Min(restsOn, outerRest);
        return result;
    }

    private int Enter(Node node)
    {
        if (++nesting > NestingMax)
            throw node.Origin.Error("values refer to each other too deeply");
        underWay.Add(node, underWay.Count);
        return underWay.Count - 1;
    }

    private void Leave(Node node)
    {
        nesting--;
        underWay.Remove(node);
    }

    private Resolved Object(ObjectNode node)
    {
        var fields = new HoconObject();
        var (depth, size) = (1, 1);
        foreach (var (key, values) in node.Fields)
        {
            var value = Combined(values);
            if (value.Value is null)
                continue;
            fields.Items[key] = value.Value;
            depth = Math.Max(depth, value.Depth + 1);
            size += value.Size;
        }
        return new Resolved(HoconValue.Of(fields, node.Origin), depth, size);
    }

    private Resolved Array(ArrayNode node)
    {
        var elements = new HoconArray();
        var (depth, size) = (1, 1);
        foreach (var element in node.Elements)
        {
            var value = Value(element);
            if (value.Value is null)
                continue;
            elements.Add(value.Value);
            depth = Math.Max(depth, value.Depth + 1);
            size += value.Size;
        }
        return new Resolved(HoconValue.Of(elements, node.Origin), depth, size);
    }

    private Resolved Referenced(SubstitutionNode node)
    {
        foreach (var path in node.Candidates)
        {
            if (Find(path) is { } values && Combined(values) is { Value: not null } found)
                return found;
        }
        var name = string.Join('.', node.Written);
        if (!node.IsOwnField && Environment.GetEnvironmentVariable(name) is { } text)
            return new(HoconValue.Of(new HoconLiteral { Value = text }, node.Origin), 1, 1);
        if (node.IsOptional)
            return Resolved.Nothing;
        var shown = HoconPath.Join(node.Written);
        throw node.Origin.Error(
            restsOn == int.MaxValue
                ? $"${{{shown}}} is neither set nor an environment variable"
                : $"${{{shown}}} refers to itself in a circle"
        );
    }

    private Resolved Layered(Resolved above, Resolved below, HoconOrigin at) =>
        Spend(
            new(
                HoconValue.Layer(above.Value!, below.Value!),
                Math.Max(above.Depth, below.Depth),
                above.Size + below.Size
            ),
            at
        );

    private Resolved Spend(Resolved value, HoconOrigin at)
    {
        work += value.Size;
        if (work > WorkMax)
            throw at.Error("the values are too many once references are replaced");
        if (value.Depth > DepthMax)
            throw at.Error($"values are nested deeper than {DepthMax} once references are replaced");
        return value;
    }

    private static Resolved Measured(HoconValue value, int above)
    {
        if (above > DepthMax)
            throw new ConfigurationException($"an included value is nested deeper than {DepthMax}");
        IEnumerable<HoconValue> inner = value.GetObject()?.Items.Values ?? (IEnumerable<HoconValue>)value.GetArray();
        var (depth, size) = (1, 1);
        foreach (var measured in inner.Select(v => Measured(v, above + 1)))
        {
            depth = Math.Max(depth, measured.Depth + 1);
            size += measured.Size;
        }
        return new Resolved(value, depth, size);
    }
}
