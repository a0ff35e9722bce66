#pragma once

// A line for people: to standard output, and to the kernel's log once in the background.
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

// Makes this process one that the machine's root can depend on: nothing of it is ever paged in, the kernel neither ends it for its
// memory nor has it wait for the disk that it serves, and systemd lets it live to the end of a shutdown. Not inherited by children.
void become_indispensable(char **argv);

// Goes on in the background without files or terminal, so that it outlives switch_root. Returns in the child only.
void go_to_background(void);
