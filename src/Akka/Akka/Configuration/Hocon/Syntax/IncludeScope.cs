namespace Akka.Configuration.Hocon.Syntax;

/// <summary>What the texts of one parse share: who includes whom, and how much they may be in all.</summary>
internal sealed class IncludeScope
{
    private const int DepthMax = 32;
    private const int IncludesMax = 1000;
    private const int CharactersMax = 16 << 20;

    // The include callback is handed only a name and calls back into the public parser: the thread carries the rest.
    [ThreadStatic]
    private static IncludeScope? current;

    private int depth;
    private int includes;
    private long characters;

    /// <summary>The scope of the include callback that runs on this thread, or null.</summary>
    public static IncludeScope? Current => current;

    /// <summary>The name of the text that is included now; null in the outermost.</summary>
    public string? Source { get; private set; }

    /// <summary>Counts a text towards the bound on all of them.</summary>
    public void Admit(string text, HoconOrigin at)
    {
        characters += text.Length;
        if (characters > CharactersMax)
            throw at.Error($"the text and its includes are longer than {CharactersMax} characters");
    }

    /// <summary>Runs <paramref name="find"/>, in which calls of the parser know that they are included.</summary>
    public HoconRoot? Include(string name, Func<string, HoconRoot?> find, HoconOrigin at)
    {
        if (++includes > IncludesMax)
            throw at.Error($"there are more than {IncludesMax} includes");
        if (depth == DepthMax)
            throw at.Error($"includes are nested deeper than {DepthMax}");
        var (outer, source) = (current, Source);
        (current, Source) = (this, name);
        depth++;
        try
        {
            return find(name);
        }
        finally
        {
            depth--;
            (current, Source) = (outer, source);
        }
    }
}
