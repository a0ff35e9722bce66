using Akka.Actor;
using Hatchery.Devices;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm boot`: machines on their way.</summary>
public sealed class BootCommands(Farm farm, TimelineLog timeline) : CommandPaletteHandler(BootPalette.Palette)
{
    public override Props HandlerProps => Props.Create(() => new Handler(Palette, farm, timeline));

    private sealed class Handler : CommandHandlerActor
    {
        private readonly Farm _farm;
        private readonly TimelineLog _timeline;

        public Handler(CommandPalette palette, Farm farm, TimelineLog timeline)
            : base(palette)
        {
            (_farm, _timeline) = (farm, timeline);
            Process("watch", (_, a) => Watch(a));
        }

        private void Watch(CommandArguments a)
        {
            DeviceState? only = null;
            if (a.ArgumentValues("device").FirstOrDefault() is { } wanted)
            {
                only = _farm.View.Current.Device(wanted);
                if (only is null)
                {
                    Sender.Tell(new ErroredCommandResponse($"no device {wanted}: see pbm device list"));
                    return;
                }
            }
            if (!a.TryWantsJson(out var isJson, out var wrong))
            {
                Sender.Tell(wrong);
                return;
            }
            var reader = Sender;
            Context.ActorOf(
                Props.Create(() => new BootWatch(reader, _farm, _timeline, only == null ? null : only.Id, isJson))
            );
        }
    }
}
