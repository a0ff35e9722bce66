using Akka.Configuration.Hocon.Syntax;

namespace Akka.Configuration.Hocon.Resolution;

// Paths are followed through values that are not worked out yet, so that objects may refer to each other's fields.
internal sealed partial class Resolver
{
    /// <summary>All values given to the field at <paramref name="path"/>, the first one first; null where there are none.</summary>
    private List<Node>? Find(IReadOnlyList<string> path)
    {
        List<Node> values = [root];
        foreach (var key in path)
        {
            var inner = new List<Node>();
            CollectField(values, key, inner);
            if (inner.Count == 0)
                return null;
            inner.Reverse();
            values = inner;
        }
        return values;
    }

    /// <summary>Adds the values of a field in the merged values, the last one first; false when one hides all before it.</summary>
    private bool CollectField(IReadOnlyList<Node> values, string key, List<Node> found)
    {
        for (var i = values.Count - 1; i >= 0; i--)
        {
            if (!CollectField(values[i], key, found))
                return false;
        }
        return true;
    }

    private bool CollectField(Node value, string key, List<Node> found)
    {
        if (++work > WorkMax)
            throw value.Origin.Error("the values are too many once references are replaced");
        switch (value)
        {
            case ObjectNode fields:
                if (fields.Field(key) is { } inner)
                {
                    work += inner.Count;
                    found.AddRange(Enumerable.Reverse(inner));
                }
                return true;
            case ConcatNode parts:
                return CollectField(parts.Parts, key, found);
            case GapNode:
                return true;
            case SubstitutionNode reference:
                return CollectReferenced(reference, key, found);
            case ResolvedNode { Value: var ready } when ready.GetObject() is { } fields:
                if (fields.GetKey(key) is { } one)
                    found.Add(new ResolvedNode(value.Origin, one));
                return true;
            default:
                return false;
        }
    }

    private bool CollectReferenced(SubstitutionNode reference, string key, List<Node> found)
    {
        if (IsUnderWay(reference))
            return true;
        Enter(reference);
        try
        {
            foreach (var path in reference.Candidates)
            {
                if (Find(path) is { } target)
                    return CollectField(target, key, found);
            }
            return true;
        }
        finally
        {
            Leave(reference);
        }
    }
}
