using Akka.Configuration.Hocon.Syntax;

namespace Akka.Configuration.Hocon;

/// <summary>Reads HOCON text.</summary>
public class Parser
{
    /// <summary>Reads <paramref name="text"/>; called by an include callback, it leaves substitutions to the includer's text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="includeCallback">Given a name as it stands in the text, the parsed file, or null where there is none.</param>
    /// <exception cref="ConfigurationException">The text is wrong; the message names line and column.</exception>
    public static HoconRoot Parse(string text, Func<string, HoconRoot?>? includeCallback)
    {
        var root = new HoconRoot(new DocumentParser(text, includeCallback).Parse());
        if (IncludeScope.Current is null)
            _ = root.Value;
        return root;
    }
}
