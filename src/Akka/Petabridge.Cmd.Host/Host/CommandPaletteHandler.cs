using Akka.Actor;

namespace Petabridge.Cmd.Host;

/// <summary>Binds a palette to the actor that carries it out.</summary>
public abstract class CommandPaletteHandler(CommandPalette palette)
{
    public CommandPalette Palette { get; } = palette;

    /// <summary>A <see cref="CommandHandlerActor"/>, made once for each connection.</summary>
    public abstract Props HandlerProps { get; }

    /// <summary>Called once, when the palette is registered.</summary>
    public virtual void OnRegister(PetabridgeCmd plugin) { }
}
