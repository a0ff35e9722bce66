using Akka.Configuration.Hocon.Resolution;
using Akka.Configuration.Hocon.Syntax;

namespace Akka.Configuration.Hocon;

/// <summary>What parsing a text gives.</summary>
public class HoconRoot
{
    private HoconValue? value;

    public HoconRoot()
        : this(new HoconValue()) { }

    public HoconRoot(HoconValue value) => this.value = value;

    internal HoconRoot(ObjectNode document) => Document = document;

    /// <summary>The value of the whole text. An included text that refers to its includer can be read only through it.</summary>
    public HoconValue Value => value ??= new Resolver(Document!).ResolveAll();

    /// <summary>The text as written, substitutions still open; null where the root was made from a value.</summary>
    internal ObjectNode? Document { get; }
}
