using System.Text;

namespace Akka.Configuration.Hocon.Syntax;

internal sealed partial class DocumentParser
{
    // A value ends with its line: everything on it is concatenated.
    private Node ReadValue(IReadOnlyList<string>? path)
    {
        var at = reader.Here;
        Enter(1, at);
        var parts = new List<Node>();
        while (true)
        {
            var here = reader.Here;
            var gap = reader.TakeBlanks();
            if (AtValueEnd())
                break;
            if (gap.Length > 0 && parts.Count > 0)
                parts.Add(new GapNode(here, gap));
            parts.Add(ReadPart(path));
        }
        depth--;
        return parts.Count switch
        {
            0 => throw Unexpected("a value"),
            1 => parts[0],
            _ => Joined(at, parts),
        };
    }

    private bool AtValueEnd() => reader.AtEnd || reader.Next is '\n' or ',' or '}' or ']' || reader.AtComment;

    private Node ReadPart(IReadOnlyList<string>? path)
    {
        var at = reader.Here;
        switch (reader.Next)
        {
            case '{':
                var fields = new ObjectNode(at);
                ReadBraces(fields, path);
                return fields;
            case '[':
                return ReadArray(at);
            case '"':
                return new LiteralNode(at, reader.TakeQuoted());
            case '$' when reader.Ahead(1) == '{':
                return ReadSubstitution(at);
        }
        var bare = reader.TakeBare(isKey: false);
        if (bare.Length == 0)
            throw at.Error($"{reader.Shown()} has to stand in quotes");
        return new LiteralNode(at, bare is "null" ? null : bare);
    }

    private ArrayNode ReadArray(HoconOrigin at)
    {
        reader.Expect('[');
        reader.SkipLines();
        var elements = new List<Node>();
        while (!AtListEnd(']'))
        {
            elements.Add(ReadValue(null));
            ReadSeparator(']');
        }
        reader.Expect(']');
        return new ArrayNode(at, elements);
    }

    private SubstitutionNode ReadSubstitution(HoconOrigin at)
    {
        reader.TryTake("${");
        var isOptional = reader.TryTake("?");
        var keys = ReadKeys();
        reader.Expect('}');
        return new SubstitutionNode(at, [keys], isOptional);
    }

    // Texts beside each other become one here; only what a substitution decides is left open.
    private static Node Joined(HoconOrigin at, List<Node> parts)
    {
        if (!parts.TrueForAll(p => p is LiteralNode or GapNode))
            return new ConcatNode(at, parts);
        var text = new StringBuilder();
        foreach (var part in parts)
            text.Append(part is GapNode gap ? gap.Text : ((LiteralNode)part).Text ?? "null");
        return new LiteralNode(at, text.ToString());
    }

    /// <summary>Reads "a.b c.\"d.e\"", up to what ends a key.</summary>
    private List<string> ReadKeys()
    {
        var at = reader.Here;
        var keys = new List<string>();
        var key = new StringBuilder();
        var isQuoted = false;
        while (true)
        {
            var gap = reader.TakeBlanks();
            if (reader.AtEnd || reader.Next is '=' or ':' or '{' or '}' or '\n' || reader.Sees("+="))
                break;
            if (reader.Next == '.')
            {
                AddKey();
                reader.Take();
                continue;
            }
            key.Append(key.Length > 0 ? gap : "");
            if (reader.Next == '"')
            {
                key.Append(reader.TakeQuoted());
                isQuoted = true;
                continue;
            }
            var bare = reader.TakeBare(isKey: true);
            if (bare.Length == 0)
                throw Unexpected("a key");
            key.Append(bare);
        }
        AddKey();
        return keys;

        void AddKey()
        {
            if (key.Length == 0 && !isQuoted)
                throw keys.Count == 0 && reader.Next != '.'
                    ? Unexpected("a key")
                    : at.Error("a part of the path is empty");
            if (keys.Count == DepthMax)
                throw at.Error($"the path has more than {DepthMax} parts");
            keys.Add(key.ToString());
            key.Clear();
            isQuoted = false;
        }
    }
}
