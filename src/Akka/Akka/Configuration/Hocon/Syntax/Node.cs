namespace Akka.Configuration.Hocon.Syntax;

/// <summary>A value as it stands in the text, substitutions still open.</summary>
internal abstract class Node(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;

    /// <summary>A copy for a text included below <paramref name="prefix"/>, whose substitutions look there first.</summary>
    public abstract Node Below(IReadOnlyList<string> prefix);
}

/// <summary>Text with its quotes removed, or null.</summary>
internal sealed class LiteralNode(HoconOrigin origin, string? text) : Node(origin)
{
    public string? Text => text;

    public override Node Below(IReadOnlyList<string> prefix) => this;
}

/// <summary>The space between two values of a concatenation, which counts only when they are texts.</summary>
internal sealed class GapNode(HoconOrigin origin, string text) : Node(origin)
{
    public string Text => text;

    public override Node Below(IReadOnlyList<string> prefix) => this;
}

/// <summary>[a, b].</summary>
internal sealed class ArrayNode(HoconOrigin origin, IReadOnlyList<Node> elements) : Node(origin)
{
    public IReadOnlyList<Node> Elements => elements;

    public override Node Below(IReadOnlyList<string> prefix) =>
        new ArrayNode(Origin, [.. elements.Select(e => e.Below(prefix))]);
}

/// <summary>Values beside each other on a line.</summary>
internal sealed class ConcatNode(HoconOrigin origin, IReadOnlyList<Node> parts) : Node(origin)
{
    public IReadOnlyList<Node> Parts => parts;

    public override Node Below(IReadOnlyList<string> prefix) =>
        new ConcatNode(Origin, [.. parts.Select(p => p.Below(prefix))]);
}

/// <summary>${path} or ${?path}; the first of <paramref name="candidates"/> that is there counts.</summary>
/// <param name="origin">Where the dollar sign stands.</param>
/// <param name="candidates">Paths from the root of the whole, the nearest first.</param>
/// <param name="isOptional">Whether it may lead nowhere.</param>
/// <param name="isOwnField">Made for +=: it means the field that it stands in and nothing else.</param>
internal sealed class SubstitutionNode(
    HoconOrigin origin,
    IReadOnlyList<IReadOnlyList<string>> candidates,
    bool isOptional,
    bool isOwnField = false
) : Node(origin)
{
    public IReadOnlyList<IReadOnlyList<string>> Candidates => candidates;

    public bool IsOptional => isOptional;

    public bool IsOwnField => isOwnField;

    /// <summary>The path as written, which is also the name of the environment variable to fall back on.</summary>
    public IReadOnlyList<string> Written => candidates[^1];

    public override Node Below(IReadOnlyList<string> prefix)
    {
        IReadOnlyList<string>[] below = [.. candidates.Select(c => (IReadOnlyList<string>)[.. prefix, .. c])];
        return new SubstitutionNode(Origin, isOwnField ? below : [.. below, Written], isOptional, isOwnField);
    }
}

/// <summary>A value that came in finished.</summary>
internal sealed class ResolvedNode(HoconOrigin origin, HoconValue value) : Node(origin)
{
    public HoconValue Value => value;

    public override Node Below(IReadOnlyList<string> prefix) => this;
}
