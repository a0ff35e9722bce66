namespace Akka.Configuration.Hocon.Syntax;

internal sealed partial class DocumentParser
{
    // "include" is also a fine key: it is an include only when a name follows.
    private bool AtInclude()
    {
        if (!reader.Sees("include"))
            return false;
        var count = "include".Length;
        while (reader.Ahead(count) is ' ' or '\t')
            count++;
        return reader.Ahead(count) == '"' || (count > "include".Length && AheadIsCall(count));
    }

    private bool AheadIsCall(int count)
    {
        while (char.IsAsciiLetter(reader.Ahead(count)))
            count++;
        return reader.Ahead(count) == '(';
    }

    private void ReadInclude(ObjectNode fields, IReadOnlyList<string>? path)
    {
        var at = reader.Here;
        reader.TryTake("include");
        reader.TakeBlanks();
        var (name, isRequired) = ReadIncludedName();
        if (findIncluded is null)
            throw at.Error($"'{name}' cannot be included: there is nothing here that finds files");
        var root = scope.Include(name, findIncluded, at);
        if (root is null)
        {
            if (isRequired)
                throw at.Error($"the required file '{name}' is not there");
            return;
        }
        fields.Absorb(Included(root, path, at));
    }

    private static ObjectNode Included(HoconRoot root, IReadOnlyList<string>? path, HoconOrigin at)
    {
        // A copy, because the values are about to be mixed with others and the callback may hand out a root twice.
        if (root.Document is { } document)
            return (ObjectNode)document.Below(path ?? []);
        var made = new ObjectNode(at);
        foreach (var (key, value) in root.Value.GetObject()?.Items ?? [])
            made.Put([key], new ResolvedNode(at, value));
        return made;
    }

    private (string Name, bool IsRequired) ReadIncludedName()
    {
        if (reader.Next == '"')
            return (reader.TakeQuoted(), false);
        var isRequired = reader.TryTake("required(");
        reader.TakeBlanks();
        var isCall = reader.TryTake("file(");
        reader.TakeBlanks();
        if (reader.Next != '"')
            throw Unexpected("the name of a file in quotes, file(\"...\") or required(...)");
        var name = reader.TakeQuoted();
        for (var open = (isRequired ? 1 : 0) + (isCall ? 1 : 0); open > 0; open--)
        {
            reader.TakeBlanks();
            reader.Expect(')');
        }
        return (name, isRequired);
    }
}
