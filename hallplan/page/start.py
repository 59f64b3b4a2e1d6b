"""What ``hallplan app`` has Streamlit run: the planner's page, from wherever Hallplan is installed.

Processes that simulate for the page run this file too, under another name, and must find nothing to do.
"""

__all__: list[str] = []

if __name__ == "__main__":
    from hallplan.page.script import main

    main()
