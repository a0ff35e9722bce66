namespace Akka.Configuration.Hocon.Syntax;

/// <summary>Reads one text into nodes, and the texts that it includes.</summary>
internal sealed partial class DocumentParser
{
    private const int DepthMax = 200;
    private readonly HoconReader reader;
    private readonly IncludeScope scope;
    private readonly Func<string, HoconRoot?>? findIncluded;
    private int depth;

    public DocumentParser(string text, Func<string, HoconRoot?>? findIncluded)
    {
        scope = IncludeScope.Current ?? new IncludeScope();
        reader = new HoconReader(text, scope.Source);
        this.findIncluded = findIncluded;
        scope.Admit(text, reader.Here);
    }

    public ObjectNode Parse()
    {
        reader.SkipLines();
        var root = new ObjectNode(reader.Here);
        if (reader.Next == '{')
        {
            ReadBraces(root, []);
            reader.SkipLines();
            if (!reader.AtEnd)
                throw Unexpected("the end of the text");
        }
        else
        {
            ReadFields(root, [], '\0');
        }
        return root;
    }

    private void ReadBraces(ObjectNode fields, IReadOnlyList<string>? path)
    {
        reader.Expect('{');
        ReadFields(fields, path, '}');
        reader.Expect('}');
    }

    // The path is null inside an array, where a field has none.
    private void ReadFields(ObjectNode fields, IReadOnlyList<string>? path, char end)
    {
        reader.SkipLines();
        while (!AtListEnd(end))
        {
            if (AtInclude())
                ReadInclude(fields, path);
            else
                ReadField(fields, path);
            ReadSeparator(end);
        }
    }

    private bool AtListEnd(char end)
    {
        if (reader.AtEnd && end != '\0')
            throw Unexpected($"'{end}'");
        return reader.AtEnd || (end != '\0' && reader.Next == end);
    }

    private void ReadSeparator(char end)
    {
        var isSeparated = reader.SkipLines();
        if (!reader.AtEnd && reader.Next == ',')
        {
            reader.Take();
            reader.SkipLines();
        }
        else if (!isSeparated && !AtListEnd(end))
        {
            throw Unexpected("a comma or the end of the line");
        }
    }

    private void ReadField(ObjectNode fields, IReadOnlyList<string>? path)
    {
        var at = reader.Here;
        var keys = ReadKeys();
        Enter(keys.Count, at);
        IReadOnlyList<string>? full = path is null ? null : [.. path, .. keys];
        if (reader.Next == '{')
        {
            fields.Put(keys, ReadValue(full));
        }
        else if (reader.TryTake("+="))
        {
            reader.SkipLines();
            fields.Put(keys, Appended(ReadValue(null), full, at));
        }
        else if (reader.TryTake("=") || reader.TryTake(":"))
        {
            reader.SkipLines();
            fields.Put(keys, ReadValue(full));
        }
        else
        {
            throw Unexpected("'=', ':', '+=' or '{' after the key");
        }
        depth -= keys.Count;
    }

    private static ConcatNode Appended(Node element, IReadOnlyList<string>? field, HoconOrigin at)
    {
        if (field is null)
            throw at.Error("+= cannot stand inside an array");
        return new ConcatNode(
            at,
            [new SubstitutionNode(at, [field], isOptional: true, isOwnField: true), new ArrayNode(at, [element])]
        );
    }

    private void Enter(int levels, HoconOrigin at)
    {
        depth += levels;
        if (depth > DepthMax)
            throw at.Error($"values are nested deeper than {DepthMax}");
    }

    private ConfigurationException Unexpected(string wanted) =>
        reader.Here.Error($"expected {wanted} but found {reader.Shown()}");
}
