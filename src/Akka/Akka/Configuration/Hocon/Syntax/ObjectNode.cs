namespace Akka.Configuration.Hocon.Syntax;

/// <summary>Fields, each with all the values that were given to it, the last one first in rank.</summary>
internal sealed class ObjectNode(HoconOrigin origin) : Node(origin)
{
    private readonly Dictionary<string, List<Node>> fields = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, List<Node>> Fields => fields;

    public List<Node>? Field(string key) => fields.GetValueOrDefault(key);

    /// <summary>Gives <paramref name="value"/> to the field at <paramref name="path"/>, making the objects on the way.</summary>
    public void Put(IReadOnlyList<string> path, Node value)
    {
        var owner = this;
        for (var i = 0; i < path.Count - 1; i++)
            owner = owner.ObjectAt(path[i], value.Origin);
        owner.Push(path[^1], value);
    }

    /// <summary>Gives all values of <paramref name="other"/> to the fields here, in their order.</summary>
    public void Absorb(ObjectNode other)
    {
        foreach (var (key, values) in other.fields)
        foreach (var value in values)
            Push(key, value);
    }

    public override Node Below(IReadOnlyList<string> prefix)
    {
        var copy = new ObjectNode(Origin);
        foreach (var (key, values) in fields)
            copy.fields[key] = [.. values.Select(v => v.Below(prefix))];
        return copy;
    }

    private ObjectNode ObjectAt(string key, HoconOrigin at)
    {
        if (Values(key) is [.., ObjectNode last])
            return last;
        var made = new ObjectNode(at);
        Values(key).Add(made);
        return made;
    }

    private void Push(string key, Node value)
    {
        var values = Values(key);
        if (value is ObjectNode added && values is [.., ObjectNode last])
        {
            last.Absorb(added);
            return;
        }
        // A plain text hides everything before it, even from a later reference to the field itself.
        if (value is LiteralNode)
            values.Clear();
        values.Add(value);
    }

    private List<Node> Values(string key)
    {
        if (!fields.TryGetValue(key, out var values))
            fields[key] = values = [];
        return values;
    }
}
